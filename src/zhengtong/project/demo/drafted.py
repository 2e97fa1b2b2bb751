"""A form that is being written in the demo city: with a source, a condition, a refusal and a simulation, for whoever tries the editor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.forms import drafting
from zhengtong.engines.forms.drafting import FieldDraft, PageDraft
from zhengtong.engines.forms.kinds import Kind
from zhengtong.engines.forms.simulation import Setting
from zhengtong.kernel.clock import local_date
from zhengtong.project.demo.staff import actor_named

_ITEM, _TABLE = "为老服务地图查询", "public_security.czrk_jbxx"
#: an item of that table → the field it fills
_FILLED = {"姓名": ("name", Kind.NAME), "出生日期": ("birth", Kind.DATE), "联系电话": ("phone", Kind.PHONE)}


def found(by_table: Mapping[str, int], now: datetime) -> None:
    """Write the form unless there is one."""
    steward = actor_named("civil.steward", on=local_date(now))
    rows = services.worklist(steward, services.WorkFilter(text=_ITEM), limit=1)
    if not rows or services.own_item(rows[0].id, steward).content.form:
        return
    resource = catalog.resources_by_id([by_table[_TABLE]])[by_table[_TABLE]]
    view = services.own_item(rows[0].id, steward)
    services.save_form(
        actor=steward, item_id=view.id, document=_form(resource), told="导入表单", about=None, revision=view.revision, now=now
    )
    services.simulate(actor=steward, item_id=view.id, version=view.version, setting=Setting(), now=now)


def _form(resource: catalog.ResourceView) -> drafting.Document:
    keys = {one.name: one.key for one in resource.items}
    made, page = drafting.add_page(drafting.blank(_ITEM), PageDraft("替谁找服务", "先说是谁,后面只问用得着的。"))
    who = FieldDraft(Kind.CHOICE, "替谁找服务", required=True, options=(("self", "自己"), ("parent", "父母"), ("other", "别的老人")))
    made, _path = drafting.add_field(made, "who", who, page=page)
    made, page = drafting.add_page(made, PageDraft("您是谁"))
    for name, (key, kind) in _FILLED.items():
        says = FieldDraft(kind, name, required=True, resource=resource.code, item=keys[name], locked=kind is Kind.NAME)
        made, _path = drafting.add_field(made, key, says, page=page)
    made, page = drafting.add_page(made, PageDraft("要什么服务"))
    needs = FieldDraft(Kind.CHOICES, "要什么服务", required=True, options=tuple((one, one) for one in ("助餐", "助浴", "日间照料", "康复")))
    made, _path = drafting.add_field(made, "needs", needs, page=page)
    away = FieldDraft(Kind.ADDRESS, "老人住在哪里", required=True, when='who != "self"')
    made, _path = drafting.add_field(made, "place", away, page=page)
    age = FieldDraft(Kind.NUMBER, "老人的年龄", required=True, least=0, most=130)
    made, _path = drafting.add_field(made, "age", age, page=page)
    return drafting.with_refusals(made, [("age < 60", "60 周岁以上的老人才用这张地图。")])
