"""Applications 申请 and what happened to them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from zhengtong.apps.flow.sharing.rules.clocks import EventKind
from zhengtong.apps.flow.sharing.rules.states import ApplicationState


class Application(models.Model):
    """A request of one office for one resource of another (条例 Art. 20)."""

    #: year and running number, given once by the database
    number = models.CharField(max_length=24, unique=True)
    resource = models.ForeignKey("catalog.Resource", on_delete=models.PROTECT, related_name="applications")
    consumer = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="applications_made")
    provider = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="applications_received")
    bureau = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="applications_overseen")
    #: applications sent together from one basket
    bundle = models.CharField(max_length=32, blank=True)
    sharing_type = models.CharField(max_length=1)
    items = ArrayField(models.CharField(max_length=60), default=list)
    filters = ArrayField(models.CharField(max_length=60), default=list)
    channels = ArrayField(models.CharField(max_length=12), default=list)
    system = models.ForeignKey("identity.CallingSystem", null=True, blank=True, on_delete=models.PROTECT, related_name="applications")
    usage_basis = models.TextField(blank=True)
    scenario = models.TextField(blank=True)
    usage_scope = models.TextField(blank=True)
    purpose_code = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    #: rows wanted, as rules of contracts.grants.ScopeRule
    row_scope = models.JSONField(default=list)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    state = models.CharField(max_length=16, default=ApplicationState.DRAFT, choices=[(one.value, one.value) for one in ApplicationState])
    #: what the provider proposes: agree or refuse, reasons, masks, scope, quota
    answer = models.JSONField(default=dict)
    #: days of an extension that waits for the bureau
    extension_days = models.PositiveSmallIntegerField(default=0)
    #: when the applicant's head signed it, so that the provider and the bureau know of it; null before
    delivered_at = models.DateTimeField(null=True)
    #: an objection waits for the bureau
    disputed = models.BooleanField(default=False)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(sharing_type="3"), name="application_never_for_type_three"),
            models.CheckConstraint(condition=~models.Q(consumer=models.F("provider")), name="application_between_two_offices"),
            models.CheckConstraint(condition=models.Q(extension_days__lte=10), name="application_extension_at_most_ten_days"),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="application_consumer"),
            models.Index(fields=["provider", "state", "-id"], name="application_provider", condition=models.Q(delivered_at__isnull=False)),
            models.Index(fields=["bureau", "state", "-id"], name="application_bureau", condition=models.Q(delivered_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class ApplicationEvent(models.Model):
    """A line of the timeline, from which the clocks are derived. Never changed."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in EventKind])
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80)
    office_name = models.CharField(max_length=200, blank=True)
    #: what somebody wrote, or what the platform says, as ``kernel.sentences.kept``
    reason = models.JSONField(default=str, blank=True)
    days = models.PositiveSmallIntegerField(default=0)
    #: what was missing, each with field and remedy
    missing = models.JSONField(default=list)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind}"


class BasketLine(models.Model):
    """A resource somebody means to apply for."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="basket")
    resource = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+")
    items = ArrayField(models.CharField(max_length=60), default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["account", "resource"], name="basket_holds_a_resource_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.resource_id}"


class PurposeTemplate(models.Model):
    """Words for a use that comes again: basis, scenario, scope and purpose, kept for an office."""

    office = models.ForeignKey("organisations.Office", on_delete=models.CASCADE, related_name="purpose_templates")
    title = models.CharField(max_length=100)
    purpose_code = models.CharField(max_length=40)
    purpose = models.CharField(max_length=300)
    usage_basis = models.TextField()
    scenario = models.TextField()
    usage_scope = models.TextField()

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["office", "title"], name="purpose_template_title_once")]

    def __str__(self) -> str:
        return self.title
