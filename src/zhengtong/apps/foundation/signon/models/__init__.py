"""Models of relying systems, of what they hold, and of consent."""

from zhengtong.apps.foundation.signon.models.person import Consent
from zhengtong.apps.foundation.signon.models.system import RelyingSystem, SystemProposal, SystemSecret
from zhengtong.apps.foundation.signon.models.tokens import AccessToken, Grant, IDToken, RefreshToken

__all__ = ["AccessToken", "Consent", "Grant", "IDToken", "RefreshToken", "RelyingSystem", "SystemProposal", "SystemSecret"]
