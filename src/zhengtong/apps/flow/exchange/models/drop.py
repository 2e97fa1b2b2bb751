"""Drop folders 投放文件夹: where an office's systems leave files for a resource."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.exchange.models.binding import Binding


class DropFolder(models.Model):
    """A folder below the installation's root and the office's own folder there. Complete files in it that fit the pattern are taken."""

    binding = models.OneToOneField(Binding, on_delete=models.CASCADE, related_name="drop")
    #: credit code of the office: nobody names a folder of another
    office = models.CharField(max_length=18)
    name = models.CharField(max_length=64)
    pattern = models.CharField(max_length=100)
    #: file name → [size, modification in ns, since when it has been so]
    seen = models.JSONField(default=dict)
    #: the last file that was refused: name, sentence, remedy, at
    refusal = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="drop_folder_of_one_binding")]

    def __str__(self) -> str:
        return f"{self.office}/{self.name}/{self.pattern}"
