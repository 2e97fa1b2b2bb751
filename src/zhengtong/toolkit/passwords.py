"""A password rule that Django does not bring (GB/T 22239-2019 §8.1.4.1)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_CLASSES_NEEDED = 3


class CharacterClasses:
    """A password has characters of three of four classes: capitals, small letters, digits, others."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's signature
        """
        Check a password.

        :raises ValidationError: if fewer than three classes occur.
        """
        tests = (str.isupper, str.islower, str.isdigit, lambda one: not one.isalnum())
        if sum(any(test(one) for one in password) for test in tests) < _CLASSES_NEEDED:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        """The rule in a sentence."""
        return _("密码至少包含大写字母、小写字母、数字、符号中的三类。")
