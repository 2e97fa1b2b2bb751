"""Information resources 信息资源 with their items, versions and timeline."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from zhengtong.apps.resources.catalog.rules.vocabulary import DataType, FormatClass, SharingType, State, UpdateCycle


class Resource(models.Model):
    """
    One entry of the catalog: the thirteen core elements of 发改高技〔2017〕1272号, its state, and what its source said.

    The working copy is here; what was published is in :class:`ResourceVersion`, unchanged.
    """

    #: 信息资源代码 = 分类码/顺序码; null until the entry is first approved
    code = models.CharField(max_length=80, unique=True, null=True)  # noqa: DJ001 - unique, and absent until it is given
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="resources")
    #: 内设机构
    section = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=300)
    #: the name in pinyin, so that lists sort as people expect without an ICU collation
    name_key = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True)
    #: 类、项、目、细目
    class_code = models.CharField(max_length=40, blank=True)
    format_class = models.CharField(max_length=1, blank=True, choices=[(one.value, one.value) for one in FormatClass])
    format_types = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    sharing_type = models.CharField(max_length=1, blank=True, choices=[(one.value, one.value) for one in SharingType])
    sharing_condition = models.TextField(blank=True)
    #: 共享范围 and 使用用途, which a conditional entry must state (条例 Art. 14)
    sharing_scope = models.TextField(blank=True)
    sharing_purpose = models.TextField(blank=True)
    sharing_modes = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    #: the law, regulation or State Council decision behind the entry; for type 3 the one that forbids sharing (条例 Art. 15)
    legal_basis = models.TextField(blank=True)
    is_open = models.BooleanField(null=True)
    open_condition = models.TextField(blank=True)
    update_cycle = models.CharField(max_length=1, blank=True, choices=[(one.value, one.value) for one in UpdateCycle])
    #: the cycle as its source wrote it, kept where it has no code of its own
    update_cycle_text = models.CharField(max_length=60, blank=True)
    themes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    tags = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    #: 关联资源代码
    related_codes = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    data_level = models.CharField(max_length=20, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    published_on = models.DateField(null=True)
    data_updated_on = models.DateField(null=True)

    state = models.CharField(max_length=12, default=State.DRAFT, choices=[(one.value, one.value) for one in State])
    return_reason = models.TextField(blank=True)
    #: the last version that was published, and the one that readers see now; null when there is none to see
    version = models.PositiveIntegerField(default=0)
    served_version = models.PositiveIntegerField(null=True)
    #: grows with every change, so that two editors cannot overwrite each other unseen
    revision = models.PositiveIntegerField(default=1)
    #: when the bureau's review of 2 working days began (条例 Art. 17)
    review_began_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    #: where an imported entry came from, its identity there, its record word for word, and what in it needs a person's eye
    source = models.CharField(max_length=60, blank=True)
    source_id = models.CharField(max_length=500, blank=True)
    source_record = models.JSONField(null=True)
    #: how that record was understood, so that the next import changes only what its source changed
    source_reading = models.JSONField(null=True)
    #: the provider as the source wrote it, where it is no office that is known here
    provider_text = models.CharField(max_length=200, blank=True)
    flags = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], condition=~models.Q(source=""), name="resource_source_once"),
            models.CheckConstraint(
                condition=~models.Q(state=State.PUBLISHED)
                | (models.Q(code__isnull=False, version__gte=1, published_on__isnull=False) & models.Q(served_version=models.F("version"))),
                name="resource_published_is_served",
            ),
            models.CheckConstraint(
                condition=models.Q(served_version__isnull=True) | models.Q(code__isnull=False, served_version__lte=models.F("version")),
                name="resource_served_has_a_code",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.PUBLISHED, sharing_type=SharingType.NOT_SHARED) | ~models.Q(legal_basis=""),
                name="resource_not_shared_needs_a_law",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "state", "id"], name="resource_office_state"),
            models.Index(fields=["state", "id"], name="resource_state"),
            models.Index(fields=["-changed_at", "-id"], name="resource_changed"),
            models.Index(fields=["name_key", "id"], name="resource_name_key"),
        ]

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """A data item 信息项, with sharing attributes of its own where they differ from the resource's."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    #: name in interfaces and tables: small ascii letters, digits and underscores
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    data_type = models.CharField(max_length=1, choices=[(one.value, one.value) for one in DataType])
    length = models.PositiveIntegerField(null=True)
    precision = models.PositiveSmallIntegerField(null=True)
    sharing_type = models.CharField(max_length=1, blank=True, choices=[(one.value, one.value) for one in SharingType])
    sharing_condition = models.TextField(blank=True)
    sharing_modes = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    is_open = models.BooleanField(null=True)
    open_condition = models.TextField(blank=True)
    is_key = models.BooleanField(default=False)
    nullable = models.BooleanField(default=True)
    #: may be asked for by value, so the hub keeps an index
    searchable = models.BooleanField(default=False)
    dictionary = models.CharField(max_length=100, blank=True)
    sensitivity = models.CharField(max_length=12, blank=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "key"], name="item_key_once"),
            models.UniqueConstraint(fields=["resource", "position"], name="item_position_once", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=models.Q(key__regex=r"^[a-z][a-z0-9_]{0,59}$"), name="item_key_form"),
        ]

    def __str__(self) -> str:
        return self.name


class CodeSequence(models.Model):
    """The last order number 顺序码 given out under a classification code; its row lock settles races."""

    class_code = models.CharField(primary_key=True, max_length=40)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.class_code}/{self.last}"


class ResourceVersion(models.Model):
    """What was published, word for word."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["resource", "number"], name="resource_version_once")]

    def __str__(self) -> str:
        return f"{self.resource_id} v{self.number}"


class ResourceEvent(models.Model):
    """A line of the timeline: who did what, when, and why."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80)
    event = models.CharField(max_length=30)
    #: what somebody wrote, or what the platform says, as ``kernel.sentences.kept``
    reason = models.JSONField(default=str, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.event}"
