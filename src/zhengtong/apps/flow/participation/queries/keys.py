"""What is derived with a key of the node, so that tables need not keep it."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

_SIGNS = 40


def secret_of(once: str) -> str:
    """The secret of a private link, from the digest of form and content."""
    return salted_hmac("participation.receipt", once, algorithm="sha256").hexdigest()[:_SIGNS]


def visitor_key(label: str) -> str:
    """What is kept of a visitor or an account that rates or supports."""
    return salted_hmac("participation.visitor", label, algorithm="sha256").hexdigest()
