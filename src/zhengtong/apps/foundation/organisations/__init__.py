"""Regions 行政区划 and offices 单位, with their history."""
