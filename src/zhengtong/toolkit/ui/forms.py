"""Forms as every page uses them."""

from __future__ import annotations

from typing import Any

from django import forms

from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.speech import refusal


def add_refusal(form: forms.BaseForm, error: ZhengtongError) -> None:
    """Show why an operation refused: at the field it names where the form has it, else above the form; the remedy with it."""
    form.add_error(error.field if error.field in form.fields else None, refusal(error))


def date_input(**attributes: Any) -> forms.DateInput:
    """A date field with the browser's calendar."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **attributes})
