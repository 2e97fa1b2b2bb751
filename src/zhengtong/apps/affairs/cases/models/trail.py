"""What was done to a case, said about it and given to it."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.cases.rules.vocabulary import MATERIAL_LABELS, LetterKind


class Deed(models.Model):
    """One act, as it was done. Never changed: the database refuses it, and each names the hash of the one before."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="deeds")
    height = models.PositiveIntegerField()
    act = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)
    visit = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80)
    office_name = models.CharField(max_length=200, blank=True)
    #: the engine's act, or the facts of an act that is none of the engine's
    document = models.JSONField()
    #: what it led to: [what, step, visit, detail]
    happenings = models.JSONField(default=list)
    #: reasons, as ``kernel.sentences.kept``
    reason = models.JSONField(default=str, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["case", "height"]
        constraints = [
            models.UniqueConstraint(fields=["case", "height"], name="deed_height_once"),
            models.UniqueConstraint(fields=["case", "act"], name="deed_done_once"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.height}"


class Consultation(models.Model):
    """Another office was asked, 会商; its line on that office's work list."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="consultations")
    visit = models.PositiveSmallIntegerField()
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    question = models.TextField()
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=80)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "visit", "office"], condition=models.Q(answered_at__isnull=True), name="consulted_once_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["office", "id"], name="consultation_open", condition=models.Q(answered_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.visit}"


class Opinion(models.Model):
    """What somebody thinks a step's outcome should be, before whoever decides has decided; part of the file."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="opinions")
    visit = models.PositiveSmallIntegerField()
    office_name = models.CharField(max_length=200)
    author_name = models.CharField(max_length=80)
    outcome = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.visit}"


class Note(models.Model):
    """A private note of an office: read in this office alone, part of no file."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="notes")
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=80)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at}"


class Material(models.Model):
    """A document of the file: where it came from, and whether it is there."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="materials")
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=[(code, code) for code in MATERIAL_LABELS])
    #: where it can be found: an evidence id, a licence's identifier, an earlier case, the name of a file
    reference = models.CharField(max_length=200, blank=True)
    there = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="material_named_once")]

    def __str__(self) -> str:
        return self.name


class SuppliedFile(models.Model):
    """A file that an applicant handed in for a material; it lies sealed in the file store."""

    public = models.UUIDField(unique=True)
    material = models.ForeignKey(Material, on_delete=models.CASCADE, related_name="files")
    #: personal
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.public}"


class Letter(models.Model):
    """A letter to the applicant; its PDF is made from this row, the same every time."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in LetterKind])
    number = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()
    office_name = models.CharField(max_length=200)
    #: reasons or what is missing, line by line
    lines = models.JSONField(default=list)
    until = models.DateField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.number


class FiredRung(models.Model):
    """A step of escalation that was taken; each is taken once. ``visit`` 0 is the whole case."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="fired_rungs")
    visit = models.PositiveSmallIntegerField()
    rung = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["case", "visit", "rung"], name="case_rung_fires_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.visit} {self.rung}"
