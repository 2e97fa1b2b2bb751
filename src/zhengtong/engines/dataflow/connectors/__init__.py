"""One folder per kind of system: ``config`` says where it is, ``capabilities`` what it can do, ``reader`` and ``writer`` move rows."""
