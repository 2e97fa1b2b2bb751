"""
The public interface of open rows, ``/open/v1``: no key, no grant, no trace; only datasets that are open this moment.

One desk answers in the gateway and, through ``gateway.open_rows``, beside Django in ``web``, so the address works on either host.
"""
