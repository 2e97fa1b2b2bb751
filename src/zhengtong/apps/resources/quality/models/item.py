"""Items of published entries as they are compared with one another: what is the same item, who collects it, which office is its source."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.resources.quality.models.standard import StandardItem


class Link(models.TextChoices):
    """How an item stands to the standard item that bears its name."""

    NONE = "", "未关联"
    PROPOSED = "proposed", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "不是"


class ItemGroup(models.Model):
    """
    The same item wherever it is collected: one standard item, or one normalised name with one kind of type.

    With two offices or more it is a case for 一数一源; ``lead`` is the office that the bureau named as its source.
    """

    #: ``s:<standard's code>`` or ``n:<normalised name>|<kind>``
    key = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    standard = models.ForeignKey(StandardItem, null=True, on_delete=models.PROTECT, related_name="+")
    offices = models.PositiveIntegerField(default=0)
    uses = models.PositiveIntegerField(default=0)
    lead = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lead__isnull=True, decided_at__isnull=True) | models.Q(lead__isnull=False, decided_at__isnull=False),
                name="item_group_lead_is_decided",
            )
        ]
        indexes = [
            models.Index(fields=["-offices", "-uses", "id"], condition=models.Q(offices__gte=2), name="item_group_worst"),
            models.Index(fields=["key"], opclasses=["varchar_pattern_ops"], name="item_group_prefix"),
        ]

    def __str__(self) -> str:
        return self.name


class ItemGroupOffice(models.Model):
    """How often an office collects the same item."""

    group = models.ForeignKey(ItemGroup, on_delete=models.CASCADE, related_name="collectors", db_index=False)
    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+")
    uses = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "office"], name="group_office_once")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.office_id}"


class ItemUse(models.Model):
    """An item of a published entry."""

    resource = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+", db_index=False)
    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    #: the name without what does not tell items apart
    norm = models.CharField(max_length=100)
    data_type = models.CharField(max_length=1)
    length = models.PositiveIntegerField(null=True)
    dictionary = models.CharField(max_length=100, blank=True)
    sensitivity = models.CharField(max_length=12, blank=True)
    standard = models.ForeignKey(StandardItem, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    link = models.CharField(max_length=10, choices=Link.choices, default=Link.NONE, blank=True)
    group = models.ForeignKey(ItemGroup, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "key"], name="item_use_once"),
            models.CheckConstraint(
                condition=models.Q(link__in=["", "refused"]) | models.Q(standard__isnull=False), name="item_use_link_needs_a_standard"
            ),
        ]
        indexes = [
            models.Index(fields=["norm"], name="item_use_norm"),
            models.Index(fields=["group", "id"], name="item_use_group"),
            models.Index(fields=["standard"], condition=models.Q(standard__isnull=False), name="item_use_standard"),
            models.Index(fields=["office", "id"], condition=models.Q(link="proposed"), name="item_use_proposed"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.key}"


class SourceDecision(models.Model):
    """The trail of a group: an office named as the source, or the naming taken back."""

    group = models.ForeignKey(ItemGroup, on_delete=models.PROTECT, related_name="decisions")
    #: null where the naming was taken back
    lead = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=80)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="source_decision_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.lead_id}"
