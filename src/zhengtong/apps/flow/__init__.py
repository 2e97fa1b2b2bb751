"""How data moves: applications, grants, bindings, runs."""
