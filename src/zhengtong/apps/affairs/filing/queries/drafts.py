"""Reads of drafts: always within one account and one party, so that nobody meets another's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from zhengtong.apps.affairs.filing.models import Draft, DraftField, Upload
from zhengtong.apps.affairs.filing.queries.keeping import opened
from zhengtong.apps.affairs.filing.rules.fields import FieldState, Held
from zhengtong.apps.affairs.filing.rules.materials import Choice, Needed, Way, ways
from zhengtong.apps.affairs.filing.rules.meanings import Meaning
from zhengtong.apps.affairs.licences import api as licences
from zhengtong.apps.affairs.services import api as services
from zhengtong.engines.forms import answers as engine
from zhengtong.engines.forms.document import Form, form
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.parties import Party, PartyKind
from zhengtong.kernel.sentences import say


class DraftUnknown(NotFound):
    """没有这份申请,或它不是以您现在的身份填写的。"""

    code = "draft-unknown"


class NotFileable(NotFound):
    """这个事项还不能在这里申请。"""

    code = "item-not-fileable"


@dataclass(frozen=True)
class Filer:
    """
    Who fills in, for whom, from where.

    ``account_id`` and ``label`` are of whoever sits at the screen; ``agent`` is who acts for ``party`` and ``basis`` on what ground (None
    and empty for oneself); ``channel`` is 申报来源; ``visit`` a visit at the one window.
    """

    account_id: int
    label: str
    party: Party
    digest: str
    channel: str
    agent: Party | None = None
    basis: str = ""
    contact: str = ""
    visit_id: int | None = None


@dataclass(frozen=True)
class DraftRow:
    """A draft or a filed case in a list."""

    public: UUID
    item_code: str
    item_name: str
    party: str
    changed_at: datetime
    filed_at: datetime | None
    case_number: str


@dataclass(frozen=True)
class UploadView:
    """A file that was uploaded."""

    public: UUID
    purpose: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class DraftView:
    """A draft with everything in it, for whoever fills it in."""

    id: int
    public: UUID
    item: services.Item
    form: Form
    party: Party
    digest: str
    agent: Party | None
    basis: str
    contact: str
    channel: str
    fields: Mapping[str, Held]
    uploads: tuple[UploadView, ...]
    taken: Mapping[str, Choice]
    rebased_from: int
    began_at: datetime
    changed_at: datetime
    filed_at: datetime | None
    case_number: str
    spared: int
    materials_total: int

    @property
    def answers(self) -> dict[str, Any]:
        """The values, as the engine of forms takes them."""
        return {key: one.value for key, one in self.fields.items() if not one.empty}

    def upload(self, purpose: str) -> UploadView | None:
        """The last file of a purpose."""
        return next((one for one in reversed(self.uploads) if one.purpose == purpose), None)


@lru_cache(maxsize=512)
def _form(text: bytes) -> Form:
    return form(msgspec.json.decode(text))


def form_of(item: services.Item) -> Form:
    """
    The form of an item's version, read once.

    :raises NotFileable: if it has none.
    """
    if not item.form:
        raise NotFileable(remedy="到政务服务大厅办理,或等主管单位配好表单")
    return _form(msgspec.json.encode(item.form))


def rows_of(account_id: int, digest: str) -> Any:
    """The drafts of an account for a party."""
    return Draft.objects.filter(account_id=account_id, party_digest=digest)


def listed(account_id: int, digest: str, *, filed: bool, limit: int = 50) -> list[DraftRow]:
    """Drafts that wait to be finished, or filings, latest first."""
    found = rows_of(account_id, digest).filter(filed_at__isnull=not filed).order_by("-changed_at")[:limit]
    return [
        DraftRow(row.public, row.item_code, row.item_name, row.party_name, row.changed_at, row.filed_at, row.case_number) for row in found
    ]


def row_of(filer: Filer, public: UUID) -> Draft:
    """
    The row of a draft of this account and party.

    :raises DraftUnknown: for every other.
    """
    found: Draft | None = rows_of(filer.account_id, filer.digest).filter(public=public).first()
    if found is None:
        raise DraftUnknown(remedy="切换到当时的身份,或从“我的空间”里打开")
    return found


def draft(filer: Filer, public: UUID) -> DraftView:
    """
    A draft as it stands.

    :raises DraftUnknown: unless it is of this account and party.
    """
    return view_of(row_of(filer, public))


def held_of(row: DraftField, public: UUID) -> Held:
    """A row as the rules know it."""
    context = f"{public}:{row.key}"
    return Held(
        key=row.key,
        value=opened(context, row.value_sealed),
        state=FieldState(row.state),
        resource=row.resource,
        item=row.item,
        provider=row.provider,
        fetched_at=row.fetched_at,
        evidence=row.evidence,
        meaning=Meaning(row.meaning) if row.meaning else None,
        said=opened(f"{context}:said", row.said_sealed),
    )


def view_of(row: Draft) -> DraftView:
    """A row with its fields."""
    item = services.item_version(row.item_code, row.item_version)
    party = Party(PartyKind(row.party_kind), opened(f"{row.public}:party", row.party_sealed), row.party_name)
    agent = None
    if row.agent_kind:
        agent = Party(PartyKind(row.agent_kind), opened(f"{row.public}:agent", row.agent_sealed), row.agent_name)
    return DraftView(
        id=row.pk,
        public=row.public,
        item=item,
        form=form_of(item),
        party=party,
        digest=row.party_digest,
        agent=agent,
        basis=row.agent_basis,
        contact=opened(f"{row.public}:contact", row.contact_sealed) or "",
        channel=row.channel,
        fields={one.key: held_of(one, row.public) for one in row.fields.all()},
        uploads=tuple(UploadView(one.public, one.purpose, one.name, one.media_type, one.size) for one in Upload.objects.filter(draft=row)),
        taken={one.name: Choice(Way(one.way), one.reference, one.text) for one in row.materials.all()},
        rebased_from=row.rebased_from,
        began_at=row.began_at,
        changed_at=row.changed_at,
        filed_at=row.filed_at,
        case_number=row.case_number,
        spared=row.spared,
        materials_total=row.materials_total,
    )


_NOT_REQUIRED = "2"


def materials(view: DraftView) -> list[Needed]:
    """Every document that the item requires: the ways that are open for this party, and the one that was taken."""
    wallet = [one for one in licences.of_holder(view.party) if one.state == licences.State.VALID]
    found = []
    for one in view.item.materials:
        held = [Choice(Way.LICENCE, has.identifier, has.name) for has in wallet if _fits(one, has)]
        earlier = _earlier(view, one)
        open_ways = ways(source=one.source, licences=held, cases=earlier, shared_silent=_nothing_there(view, one))
        taken = view.taken.get(one.name)
        if taken is None and open_ways[0].way in {Way.SHARED, Way.LICENCE, Way.EARLIER}:
            taken = open_ways[0]
        if taken is not None and not any(way.way is taken.way for way in open_ways):
            taken = None
        found.append(Needed(one.name, one.needed != _NOT_REQUIRED, open_ways, taken, one.explain))
    return found


def _fits(one: services.RequiredMaterial, has: licences.LicenceView) -> bool:
    """A licence stands for a material that names its type, or is called like it."""
    return has.type_code == one.licence_type if one.licence_type else has.name == one.name


def _nothing_there(view: DraftView, one: services.RequiredMaterial) -> bool:
    """Whether the shared source has said that it knows nothing of the applicant."""
    held = [field for field in view.fields.values() if field.resource == one.resource and one.resource]
    return bool(held) and all(field.meaning is Meaning.MISSING for field in held)


def _earlier(view: DraftView, one: services.RequiredMaterial) -> list[Choice]:
    if not one.case_item:
        return []
    rows = Draft.objects.filter(party_digest=view.digest, item_code=one.case_item, filed_at__isnull=False).order_by("-filed_at")[:3]
    return [Choice(Way.EARLIER, row.case_number, row.item_name) for row in rows]


def upload_of(filer: Filer, public: UUID, upload: UUID) -> Upload:
    """
    A file of one's own draft.

    :raises DraftUnknown: for every other.
    """
    found = Upload.objects.filter(public=upload, draft=row_of(filer, public)).first()
    if found is None:
        raise DraftUnknown("没有这个文件")
    return found


@dataclass(frozen=True)
class Origin:
    """A field of a filed case as the official who decides sees it: no values, only where they come from."""

    title: str
    state: FieldState
    meaning: Meaning | None
    provider: str
    fetched_at: datetime | None
    evidence: str
    contradicted: bool
    locked: bool


@dataclass(frozen=True)
class Provenance:
    """What a case was filed with."""

    public: UUID
    origins: tuple[Origin, ...]
    uploads: tuple[UploadView, ...]
    spared: int
    total: int


def provenance(number: str) -> Provenance | None:
    """Where the values of a case come from; None if it was not filed here. The caller may see the case."""
    row = Draft.objects.filter(case_number=number).first()
    if row is None:
        return None
    view = view_of(row)
    origins = []
    for key, held in view.fields.items():
        field = view.form.fields.get(key)
        if field is not None and (held.resource or held.meaning is not None):
            origins.append(
                Origin(
                    field.title,
                    held.state,
                    held.meaning,
                    held.provider,
                    held.fetched_at,
                    held.evidence,
                    held.corrected,
                    field.locked,
                )
            )
    return Provenance(view.public, tuple(origins), view.uploads, view.spared, view.materials_total)


def case_of(view: DraftView) -> str:
    """What stands for the case in traces before it has a number."""
    return view.case_number or f"draft-{view.public.hex[:12]}"


def promise_text(view: DraftView, name: str) -> str:
    """The sentence that somebody agrees to instead of handing a document in; it is kept as it was agreed to, in Chinese."""
    explain = next((one.explain for one in view.item.materials if one.name == name), "")
    usual = say("不实的,愿意承担法律责任,所获决定可以被撤销。")
    return say("本人承诺符合“{name}”所证明的条件,所述真实。{explain}", name=name, explain=explain or str(usual))


def refused(view: DraftView) -> str:
    """Why this party cannot go on, in the form's words; empty if they can."""
    return engine.refusal(view.form, view.answers)
