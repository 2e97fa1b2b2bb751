"""Tables of published rows: one for each version that may still be read by the interface."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.opendata.models.version import DatasetVersion


class PublishedTable(models.Model):
    """
    The rows of a version in a table of the schema ``opened``. A table that no row here names is not visible to anybody, and swept away.

    The interface of rows reads the view ``opened.published``, which shows what stands here and whether the dataset is open.
    """

    version = models.OneToOneField(DatasetVersion, on_delete=models.PROTECT, related_name="table")
    relation = models.CharField(max_length=63, unique=True)
    #: the columns with their kinds, indexes and counted values, as ``engines.rowquery.table.Table.document``
    document = models.JSONField()
    made_at = models.DateTimeField()
    #: since when a newer version stands; readers under way have an hour to finish
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["retired_at"], name="published_table_retired", condition=models.Q(retired_at__isnull=False))]

    def __str__(self) -> str:
        return self.relation
