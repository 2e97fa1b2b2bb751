"""OpenID Connect as systems speak it: tokens, claims, discovery. Pages that people see are in ``web``."""
