"""Indicators 指标: what the open portal is measured by, where points are lost, and what to mend first."""
