"""
The public interface of open rows, ``/open/v1``: what is open this moment to everybody, and to the key of a grant what it was given for.

What is open to all needs no key and leaves no trace. What leaves under a grant is traced before it does. One desk answers in the gateway
and, through ``gateway.open_rows``, beside Django in ``web``, so the address works on either host.
"""
