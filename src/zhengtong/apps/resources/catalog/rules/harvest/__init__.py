"""Catalogs elsewhere, read into records that imports understand: one module a protocol, each pure."""
