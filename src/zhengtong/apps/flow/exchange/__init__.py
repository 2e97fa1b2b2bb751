"""Bindings 挂接, runs, pushes, and the routing that gateways serve."""
