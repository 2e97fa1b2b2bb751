"""Pure rules of exchange: what a binding needs, how catalog items become columns, who may run what."""
