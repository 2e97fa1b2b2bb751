"""PostgreSQL as a source (hub, departmental database) and as a target (hub, receiver's front database)."""
