"""Pure rules of sharing: who may do what, in which order, and until when."""
