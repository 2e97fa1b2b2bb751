"""Signing on: departmental systems let their users sign in here, and people sign in here through providers elsewhere."""
