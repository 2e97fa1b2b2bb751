"""
The outbox: what happened, written in the transaction in which it happened, read afterwards by whoever derives something from it.

Each reader keeps its own position, so a new one can start from the beginning and a failed one goes on where it stopped.
"""
