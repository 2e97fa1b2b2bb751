"""Versioned documents that cross a process or a node. Structure and encoding only; signing is done by whoever issues or reads them."""
