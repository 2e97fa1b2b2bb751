"""National codes with their checksums: parse, check, generate. Each module cites its standard."""
