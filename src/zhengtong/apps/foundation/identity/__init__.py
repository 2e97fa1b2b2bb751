"""Accounts of officials, their roles, and calling systems 调用系统 with their keys."""
