"""Cases 办件, and the visits of steps that are their work lists."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.cases.rules.vocabulary import RESULT_CODES, SOURCE_LABELS, Post, State
from zhengtong.engines.workflow.case import Status


class Counter(models.Model):
    """The last number given under a prefix; the row is held until the case that took it is there."""

    prefix = models.CharField(max_length=50, primary_key=True)
    last = models.PositiveIntegerField()

    class Meta:
        ordering = ["prefix"]

    def __str__(self) -> str:
        return f"{self.prefix} {self.last}"


class Case(models.Model):
    """
    What somebody applied for, and where it stands.

    The engine's head document is the truth about its course; what stands beside it is derived from it in the same statement. Personal:
    ``applicant_name``, ``applicant_sealed``, ``agent_name``, ``agent_sealed``, ``contact_sealed``, ``answers``.
    """

    number = models.CharField(max_length=50, unique=True)
    #: chosen by whoever opened it, so that one filing makes one case
    key = models.CharField(max_length=80, unique=True)
    process = models.ForeignKey("cases.ProcessTemplate", on_delete=models.PROTECT, related_name="cases")
    item_code = models.CharField(max_length=40)
    item_version = models.CharField(max_length=20, blank=True)
    item_name = models.CharField(max_length=200)
    #: the office that answers for the whole: the lead office 牵头部门 of a joint approval
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="cases")
    source = models.CharField(max_length=1, choices=[(code, code) for code in SOURCE_LABELS])
    applicant_kind = models.CharField(max_length=8)
    applicant_name = models.CharField(max_length=200)
    applicant_sealed = models.TextField()
    #: the keyed hash by which the ledger names a person or company, and by which cases are found
    applicant_digest = models.CharField(max_length=32)
    agent_kind = models.CharField(max_length=8, blank=True)
    agent_name = models.CharField(max_length=200, blank=True)
    agent_sealed = models.TextField(blank=True)
    #: on what ground somebody acts for the applicant
    agent_basis = models.CharField(max_length=100, blank=True)
    contact_sealed = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    state = models.CharField(max_length=14, choices=[(one.value, one.value) for one in State])
    head = models.JSONField()
    began_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=14, blank=True)
    result_code = models.PositiveSmallIntegerField(null=True)
    reason = models.TextField(blank=True)
    due = models.DateField(null=True)
    yellow_on = models.DateField(null=True)
    red_on = models.DateField(null=True)
    look_on = models.DateField(null=True)
    deliver_by = models.DateField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=8, blank=True)
    archived_at = models.DateTimeField(null=True)
    #: how many deeds there are, and the hash of the last
    height = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64)
    #: up to which deed the chain is anchored in the ledger
    anchored = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(result_code__isnull=True) | models.Q(result_code=0) | ~models.Q(reason=""),
                name="case_reason_of_a_refusal",
            ),
            models.CheckConstraint(
                condition=models.Q(result_code__isnull=True) | models.Q(result_code__in=sorted(RESULT_CODES.values())),
                name="case_result_code_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, result_code__isnull=True)
                | models.Q(ended_at__isnull=False, result_code__isnull=False),
                name="case_ends_with_a_result",
            ),
        ]
        indexes = [
            models.Index(fields=["applicant_digest", "-id"], name="case_applicant"),
            models.Index(fields=["office", "-id"], name="case_office"),
            models.Index(fields=["item_name", "id"], name="case_item", opclasses=["varchar_pattern_ops", "int8_ops"]),
            models.Index(
                fields=["office", "deliver_by", "id"],
                name="case_to_deliver",
                condition=models.Q(ended_at__isnull=False, delivered_at__isnull=True, result_code__lte=1),
            ),
            models.Index(fields=["look_on"], name="case_to_look_at", condition=models.Q(ended_at__isnull=True)),
            models.Index(fields=["id"], name="case_to_anchor", condition=models.Q(anchored__lt=models.F("height"))),
        ]

    def __str__(self) -> str:
        return self.number


class Visit(models.Model):
    """One visit of a step: a line of somebody's work list."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="visits")
    number = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    #: the case's office, for its list of what others hold
    lead = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Post])
    #: who took it on
    account = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=9, choices=[(one.value, one.value) for one in Status])
    waiting = models.CharField(max_length=10, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    due = models.DateField(null=True)
    yellow_on = models.DateField(null=True)
    red_on = models.DateField(null=True)
    look_on = models.DateField(null=True)
    document = models.JSONField()

    class Meta:
        ordering = ["case", "number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="visit_number_once")]
        indexes = [
            models.Index(fields=["office", "due", "id"], name="visit_of_office", condition=models.Q(status="open")),
            models.Index(fields=["account", "due", "id"], name="visit_of_account", condition=models.Q(status="open")),
            models.Index(fields=["lead", "due", "id"], name="visit_of_lead", condition=models.Q(status="open")),
            models.Index(fields=["office", "-ended_at", "-id"], name="visit_done", condition=~models.Q(status="open")),
            models.Index(fields=["look_on"], name="visit_to_look_at", condition=models.Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number}"
