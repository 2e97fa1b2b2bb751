"""The basic catalog 基本目录: what may be done in the country or the province, under one code everywhere."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.services.rules.codes import BASIC_PATTERN


class BasicItem(models.Model):
    """An entry of the basic catalog."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200)
    #: made from a local code because no authority has given one
    provisional = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=models.Q(code__regex=BASIC_PATTERN), name="service_basic_code_form")]

    def __str__(self) -> str:
        return self.code
