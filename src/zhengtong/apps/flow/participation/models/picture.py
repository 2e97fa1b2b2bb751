"""The picture of a reuse, beside the reuse, so that lists do not read it."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.participation.models.voice import Reuse


class ReusePicture(models.Model):
    """What its author uploaded, painted anew as WebP; public with the reuse itself and not before."""

    reuse = models.OneToOneField(Reuse, primary_key=True, on_delete=models.CASCADE, related_name="picture")
    shown = models.BinaryField()
    thumbnail = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    #: what it shows, for those who do not see it
    caption = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(caption=""), name="reuse_picture_has_a_caption"),
            models.CheckConstraint(condition=models.Q(width__range=(1, 1600), height__range=(1, 1600)), name="reuse_picture_size"),
        ]

    def __str__(self) -> str:
        return f"{self.reuse_id} {self.width}×{self.height}"
