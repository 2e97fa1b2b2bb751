"""News 公告 of the portal, written by the bureau."""

from __future__ import annotations

from django.db import models


class News(models.Model):
    """A notice to the public. Shown from one moment until another, or until it is taken down."""

    title = models.CharField(max_length=120)
    #: plain text; an empty line begins a paragraph
    text = models.TextField()
    published_from = models.DateTimeField()
    published_until = models.DateTimeField(null=True)
    #: the bureau whose news it is, by credit code, and its name
    office = models.CharField(max_length=18)
    office_name = models.CharField(max_length=300)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-published_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(published_until__isnull=True) | models.Q(published_until__gt=models.F("published_from")),
                name="news_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~models.Q(title="") & ~models.Q(text=""), name="news_says_something"),
        ]

    def __str__(self) -> str:
        return self.title
