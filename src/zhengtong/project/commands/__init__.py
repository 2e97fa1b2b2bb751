"""Groups of commands, one module each; a module's ``group`` is mounted under its name."""
