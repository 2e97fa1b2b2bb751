"""Drafts 草稿: what somebody has filled in, field by field, until a case begins, and what the sources said of it afterwards."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from zhengtong.apps.affairs.filing.rules.fields import FieldState
from zhengtong.apps.affairs.filing.rules.materials import Way
from zhengtong.apps.affairs.filing.rules.meanings import Meaning
from zhengtong.kernel.parties import PartyKind


class Draft(models.Model):
    """
    One filing of one item for one party, by one account. Personal: ``party_sealed``, ``party_name``.

    It becomes exactly one case: the case's key derives from ``public``, and the case's number is written in the same transaction.
    """

    public = models.UUIDField(unique=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    party_kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in PartyKind])
    party_digest = models.CharField(max_length=32)
    party_sealed = models.TextField()
    party_name = models.CharField(max_length=200)
    #: who files for the party, and on what ground; empty for oneself
    agent_kind = models.CharField(max_length=8, blank=True)
    agent_sealed = models.TextField(blank=True)
    agent_name = models.CharField(max_length=200, blank=True)
    agent_basis = models.CharField(max_length=100, blank=True)
    contact_sealed = models.TextField(blank=True)
    #: 申报来源, a code of cases' filings
    channel = models.CharField(max_length=1)
    visit = models.ForeignKey("filing.WindowVisit", null=True, on_delete=models.PROTECT, related_name="drafts")
    item_code = models.CharField(max_length=40)
    item_version = models.PositiveIntegerField()
    item_name = models.CharField(max_length=200)
    #: the version that the draft began with, where another is in force now; 0 once the applicant was told
    rebased_from = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True)
    case_number = models.CharField(max_length=50, blank=True)
    #: of a filed one: how many materials nobody had to hand in, and how many there are
    spared = models.PositiveSmallIntegerField(default=0)
    materials_total = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "party_digest", "item_code"],
                condition=models.Q(filed_at__isnull=True),
                name="draft_of_an_item_once",
            ),
            models.UniqueConstraint(fields=["case_number"], condition=~models.Q(case_number=""), name="draft_case_number_once"),
            models.CheckConstraint(
                condition=models.Q(filed_at__isnull=True, case_number="") | (models.Q(filed_at__isnull=False) & ~models.Q(case_number="")),
                name="draft_filed_has_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(agent_kind="", agent_basis="") | (~models.Q(agent_kind="") & ~models.Q(agent_basis="")),
                name="draft_agent_says_on_what_ground",
            ),
        ]
        indexes = [models.Index(fields=["account", "party_digest", "-changed_at"], name="draft_of_account")]

    def __str__(self) -> str:
        return str(self.public)


class DraftField(models.Model):
    """A field of a draft: value, source, when, how reliable, evidence. Personal: ``value_sealed``, ``said_sealed``."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="fields")
    key = models.CharField(max_length=80)
    value_sealed = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in FieldState])
    resource = models.CharField(max_length=80, blank=True)
    item = models.CharField(max_length=80, blank=True)
    #: the name of the office that provides it
    provider = models.CharField(max_length=200, blank=True)
    fetched_at = models.DateTimeField(null=True)
    #: the request id of the gateway's call
    evidence = models.CharField(max_length=64, blank=True)
    meaning = models.CharField(max_length=9, blank=True, choices=[(one.value, one.value) for one in Meaning])
    #: what the source says where the applicant says something else
    said_sealed = models.TextField(blank=True)
    #: when a silent source is asked again, of a filed draft
    ask_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "key"], name="draft_field_once"),
            models.CheckConstraint(
                condition=~models.Q(state=FieldState.OK) | (~models.Q(resource="") & models.Q(fetched_at__isnull=False)),
                name="draft_field_from_a_source_names_it",
            ),
        ]
        indexes = [
            models.Index(fields=["ask_at"], name="draft_field_to_ask", condition=models.Q(ask_at__isnull=False)),
            models.Index(fields=["resource", "draft"], name="draft_field_contradicted", condition=~models.Q(said_sealed="")),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.key}"


class DraftMaterial(models.Model):
    """How a required document gets into the file."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="materials")
    name = models.CharField(max_length=200)
    way = models.CharField(max_length=8, choices=[(way.value, way.value) for way in Way])
    reference = models.CharField(max_length=200, blank=True)
    #: of a promise: the text that was accepted
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "name"], name="draft_material_once"),
            models.CheckConstraint(condition=~models.Q(way=Way.PROMISE) | ~models.Q(text=""), name="draft_promise_keeps_its_text"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.name}"


class Upload(models.Model):
    """A file of a draft, sealed in the file store. Personal: its content and its name."""

    public = models.UUIDField(unique=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="uploads")
    #: the field, or ``material:`` and the name of the document
    purpose = models.CharField(max_length=220)
    name = models.CharField(max_length=140)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["draft", "purpose"], name="upload_purpose")]

    def __str__(self) -> str:
        return str(self.public)
