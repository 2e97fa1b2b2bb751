"""Process templates 流程模板: a process in one version, and who of which office does its steps."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.cases.rules.vocabulary import TemplateState


class ProcessTemplate(models.Model):
    """One version of a process as BPMN. Once published it never changes, as cases run on it; the database refuses it."""

    code = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    bpmn = models.TextField()
    #: lane of the process → credit code of the office; empty: the office that the case belongs to
    offices = models.JSONField(default=dict)
    #: key of a task → who of that office does it: clerk, handler, approver
    posts = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default=TemplateState.DRAFT, choices=[(one.value, one.value) for one in TemplateState])
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    published_by = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="process_version_once"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(state="published"), name="process_one_in_force"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(state="draft"), name="process_one_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"
