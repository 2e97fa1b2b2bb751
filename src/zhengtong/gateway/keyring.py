"""
The keys of a gateway as they are now: a replaced one is taken up while calls are running.

Threat model. The node's key is changed because it was stolen, or in good order; either way a gateway that went on without the new one would
refuse every snapshot from then on, the next revocation among them. So the files are looked at before each look for a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from zhengtong.engines.crypto import keyfiles
from zhengtong.engines.crypto.keyfiles import Marks
from zhengtong.engines.crypto.signing import PrivateKey, PublicKey
from zhengtong.gateway.settings import BadSettings, Keys

_log = structlog.get_logger(__name__)
_WATCHED = ("gateway.key", "trusted")


class Keyring:
    """Holds ``keys`` and reads them again when their files change. Keys that came from no folder stay as they are."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._marks = self._look()

    @property
    def signing(self) -> PrivateKey:
        """The key that signs ledger blocks now."""
        return self.keys.signing

    @property
    def trusted(self) -> Mapping[str, PublicKey]:
        """The node's public keys."""
        return self.keys.trusted

    def refresh(self) -> bool:
        """Take up what has changed; whether anything has. Files that cannot be read leave the keys in use, and are tried again."""
        found = self._look()
        if self.keys.folder is None or found == self._marks:
            return False
        try:
            self.keys = Keys.from_folder(self.keys.folder)
        except BadSettings as exc:
            _log.error("keys_not_read", reason=str(exc))
            return False
        self._marks = found
        _log.info("keys_read", signing=self.signing.key_id, trusted=sorted(self.trusted))
        return True

    def _look(self) -> Marks:
        return keyfiles.marks(self.keys.folder, *_WATCHED) if self.keys.folder else ()
