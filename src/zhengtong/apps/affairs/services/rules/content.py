"""What an item says: the elements of an implementation list under their national column names, and the tables below it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec


class Material(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """申请材料: what is required, and in ``source`` where the platform gets it."""

    material_name: str = ""
    is_need: str = "1"
    material_type: str = "1"
    material_format: str = "3"
    form_guid: str = ""
    example_guid: str = ""
    source_type: str = "10"
    source_explain: str = ""
    page_num: int | None = None
    page_format: str = ""
    fill_explain: str = ""
    accept_stand: str = ""
    by_law: str = ""
    remark: str = ""
    #: ``Source``; empty: nobody has said so far
    source: str = "upload"
    #: code of the catalog's resource and name of its item, where the source is shared data
    resource: str = ""
    resource_item: str = ""
    #: type of licence, code as its issuer writes it
    licence_type: str = ""
    #: item whose earlier case holds it
    case_item: str = ""
    #: why it is asked for although a connected source could supply it; shown in public
    reason: str = ""
    #: who recorded the reason and when, written by the platform
    reason_by: str = ""
    reason_at: str = ""


class Fee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """收费项目."""

    fee_name: str = ""
    fee_stand: str = ""
    is_desc: bool | None = None
    desc_explain: str = ""
    by_law: str = ""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """常见问题."""

    question: str = ""
    answer: str = ""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """办理环节; ``days`` in the unit of the promise, None where nothing is said."""

    step_name: str = ""
    step_office: str = ""
    step_days: int | None = None
    step_explain: str = ""


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """审批结果; ``result_guid`` names the sample."""

    result_name: str = ""
    result_type: str = ""
    result_guid: str = ""


class Punishment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """处罚方式, for items of that kind."""

    punishment_method: str = ""


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    The elements of a version. None of a flag or a number: nothing is said so far.

    What the code says (type, level, office) and what the platform counts (state, version) is not repeated here.
    """

    task_name: str = ""
    local_catalog_code: str = ""
    local_task_code: str = ""
    by_law: str = ""
    power_source: str = ""
    dept_type: str = "1"
    entrust_name: str = ""
    anticipate_day: int | None = None
    anticipate_type: str = "1"
    anticipate_explain: str = ""
    promise_day: int | None = None
    promise_type: str = "1"
    promise_explain: str = ""
    accept_condition: str = ""
    handle_flow: str = ""
    special_procedure: tuple[str, ...] = ()
    is_fee: bool | None = None
    fee_basis: str = ""
    server_type: tuple[str, ...] = ()
    project_type: str = ""
    handle_type: tuple[str, ...] = ()
    limit_scene_num: int | None = None
    link_addr: str = ""
    mobile_terminal_url: str = ""
    is_single_login: bool | None = None
    app_is_single_login: bool | None = None
    transact_addr: str = ""
    transact_time: str = ""
    link_way: str = ""
    supervise_way: str = ""
    plan_effective_date: date | None = None
    plan_cancel_date: date | None = None
    is_entry_center: bool | None = None
    is_online: bool | None = None
    online_handle_depth: str = ""
    online_handle_url: str = ""
    is_schedule: bool | None = None
    is_pay_online: bool | None = None
    is_express: bool | None = None
    is_service_terminals: bool | None = None
    handle_area: str = ""
    other_dept: str = ""
    limit_explain: str = ""
    limit_scene_explain: str = ""
    service_type: str = ""
    user_topic_type: tuple[str, ...] = ()
    corp_topic_type: tuple[str, ...] = ()
    town_code: str = ""
    village_code: str = ""
    #: what it is, in a sentence or two that anybody understands
    summary: str = ""
    #: what people call it
    aliases: tuple[str, ...] = ()
    life_events: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    residence: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    #: code of the process that its cases run on; empty: the office works as it always did
    process: str = ""
    #: the form as a JSON Schema document; empty: none yet
    form: dict[str, Any] = {}
    materials: tuple[Material, ...] = ()
    fees: tuple[Fee, ...] = ()
    questions: tuple[Question, ...] = ()
    steps: tuple[Step, ...] = ()
    results: tuple[Result, ...] = ()
    punishments: tuple[Punishment, ...] = ()

    def document(self) -> dict[str, Any]:
        """What a table keeps of it. The form is kept as text: a form's fields have an order, a JSON object in PostgreSQL has none."""
        kept: dict[str, Any] = msgspec.to_builtins(self)
        return kept | {"form": json.dumps(self.form, ensure_ascii=False)}


#: table below an item → what a row of it is
ROWS: dict[str, type[Material | Fee | Question | Step | Result | Punishment]] = {
    "materials": Material,
    "fees": Fee,
    "questions": Question,
    "steps": Step,
    "results": Result,
    "punishments": Punishment,
}


def content_of(document: dict[str, Any]) -> Content:
    """What :meth:`Content.document` wrote."""
    return msgspec.convert(document | {"form": json.loads(document.get("form") or "{}")}, Content)
