"""Every page and act, and who is turned away."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories import world
from factories.licences import COMPANY, VALUES, Desk
from factories.world import NOW
from zhengtong.apps.affairs.licences import api
from zhengtong.kernel import clock


def page(client: Client, address: str, *, status: int = 200, **data: object) -> str:
    answer = client.post(address, data) if data else client.get(address)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()  # type: ignore[arg-type]


def test_strangers_verify_and_see_no_holder(desk: Desk) -> None:
    name = desk.issue()
    client = Client()
    found = page(client, f"/licences/verify/?id={name}")
    assert "真实有效" in found
    assert COMPANY.name not in found
    assert "查无此证" not in found
    assert "校验位不符" in page(client, "/licences/verify/", status=422, text=name[:-1] + ("A" if name[-1] != "A" else "B"))
    assert "请上传文件" in page(client, "/licences/verify/", text="")
    raw = api.download(party=COMPANY, identifier=name, kind=api.FileKind.PDF, address="https://x/", by="process:test", now=NOW)
    assert "真实有效" in page(client, "/licences/verify/", file=SimpleUploadedFile("a.pdf", raw))
    text = api.present(party=COMPANY, identifier=name, keys=["KZ_place"], by="process:test", now=clock.now())
    assert VALUES["place"] in page(client, "/licences/verify/", text=text)
    assert "known" in page(client, "/licences/verify/offline/")
    assert "certificate" in page(client, "/.well-known/zhengtong-licences")
    number = api.lists()[-1]
    assert json.loads(page(client, f"/licences/status/{number}"))["certified"]
    page(client, f"/licences/status/{number + 999}", status=404)


def test_strangers_are_sent_to_sign_in(desk: Desk) -> None:
    name, code = desk.issue(), desk.type_code
    for address in ("", "export.csv", "coverage/", "read/", "types/", "types/new/", f"types/{code}/", f"types/{code}/issue/", "jobs/"):
        assert Client().get(f"/work/licences/{address}").status_code == 302
    assert Client().get(f"/work/licences/one/{name}/").status_code == 302
    assert Client().post(f"/work/licences/one/{name}/act/").status_code == 302


def test_the_office_lists_issues_and_acts(desk: Desk) -> None:
    steward, head = world.signed_in(desk.steward), world.signed_in(desk.head)
    form = {"holder_name": COMPANY.name, "holder_code": COMPANY.code, "begins": clock.today().isoformat(), **VALUES}
    assert "经营场所" in page(steward, f"/work/licences/types/{desk.type_code}/issue/", status=422, **(form | {"place": " "}))
    answer = steward.post(f"/work/licences/types/{desk.type_code}/issue/", form)
    assert answer.status_code == 302
    address = answer["Location"]
    name = address.split("/")[-2]
    assert "暂扣" not in page(steward, address).partition('<h2 id="acts">')[2].partition("</form>")[0]
    assert name in page(steward, f"/work/licences/?q={COMPANY.code}")
    assert name in page(steward, "/work/licences/export.csv")
    assert "没有找到证照" in page(steward, "/work/licences/?state=07")
    assert "事由" in page(head, f"{address}act/", status=422, act="suspend", reason="")
    assert head.post(f"{address}act/", {"act": "suspend", "reason": "现场检查不合格"}).status_code == 302
    assert "现场检查不合格" in page(head, address)
    assert steward.post(f"{address}act/", {"act": "revoke", "reason": "现场检查不合格"}).status_code == 403
    assert "食品经营许可证" in page(steward, "/work/licences/coverage/")


def test_others_are_refused(desk: Desk) -> None:
    name, code = desk.issue(), desk.type_code
    stranger, approver = world.signed_in(desk.stranger), world.signed_in(desk.approver)
    assert name not in page(stranger, "/work/licences/")
    page(stranger, f"/work/licences/one/{name}/", status=404)
    page(stranger, f"/work/licences/one/{name}/act/", status=403, act="revoke", reason="现场检查不合格")
    page(stranger, f"/work/licences/types/{code}/issue/", status=403)
    page(stranger, f"/work/licences/types/{code}/decide/", status=403, act="publish")
    page(approver, "/work/licences/read/", status=403)
    page(approver, "/work/licences/types/new/", status=403)
    page(approver, "/work/licences/jobs/1/", status=404)
    page(approver, "/work/licences/jobs/1/refused.csv", status=404)
    facts = {"office": "省教育厅", "system": "x", "field": "place", "networks": "10.0.0.0/8", "per_day": "5"}
    page(stranger, f"/work/licences/types/{code}/allow/", status=403, **facts)


def test_reading_for_a_case_needs_purpose_and_case(desk: Desk) -> None:
    name = desk.issue()
    stranger = world.signed_in(desk.stranger)
    assert "办件" in page(stranger, "/work/licences/read/", status=422, identifier=name, purpose="核对经营场所", case="")
    assert "李大海" in page(stranger, "/work/licences/read/", identifier=name, purpose="核对经营场所", case="BJ1")


def test_a_type_goes_its_way_on_pages(desk: Desk) -> None:
    steward, approver, head = (world.signed_in(one) for one in (desk.steward, desk.approver, desk.head))
    form = {"name": "小作坊登记证", "suffix": "009", "holder": "company", "years": "3", "fields_text": "place,经营场所,text,必填,照面,公开"}
    assert "第 1 行" in page(steward, "/work/licences/types/new/", status=422, **(form | {"fields_text": "bad"}))
    answer = steward.post("/work/licences/types/new/", form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    address = answer["Location"]
    assert "小作坊登记证" in page(approver, "/work/")
    assert "理由" in page(approver, f"{address}decide/", status=422, act="return", reason="")
    assert approver.post(f"{address}decide/", {"act": "publish"}).status_code == 302
    assert "小作坊登记证" in page(steward, "/work/licences/types/?q=小作坊")
    facts = {"office": "省教育厅", "system": "招生", "field": "place", "networks": "127.0.0.0/8", "per_day": "5"}
    assert "网络" in page(head, f"{address}allow/", status=422, **(facts | {"networks": ""}))
    shown = page(head, f"{address}allow/", **facts)
    key = shown.partition("ztl_")[2].partition("<")[0]
    asked = {"useCause": {"事由": "报名", "调用类别": "办事", "事项编码": "1", "事项名称": "报名", "系统名称": "招生"}, "ZZBS": "x"}
    sent = {"content_type": "application/json", "headers": {"Authorization": f"Bearer ztl_{key}"}}
    answer = Client().post("/elssp/v1/GetCertificateDataByCertificateID", json.dumps(asked), **sent)  # type: ignore[arg-type]
    assert answer.status_code == 404
    asked |= {"CZZTDMLXDM": "001", "CZZTDM": COMPANY.code}
    answer = Client().post("/elssp/v1/GetCertificateDataByHolder", json.dumps(asked), **sent)  # type: ignore[arg-type]
    assert answer.json() == {"code": "0", "data": []}
    assert Client().post("/elssp/v1/GetCertificateDataByHolder", "{", content_type="application/json").status_code == 422
    assert Client().post("/elssp/v1/Other", json.dumps(asked), **sent).status_code == 404  # type: ignore[arg-type]
    sent["headers"] = {}
    assert Client().post("/elssp/v1/GetCertificateDataByHolder", json.dumps(asked), **sent).status_code == 403  # type: ignore[arg-type]
    number = api.allowances(address.split("/")[-2])[0].id
    assert world.signed_in(desk.stranger).post(f"{address}allowances/{number}/end/").status_code == 403
    assert head.post(f"{address}allowances/{number}/end/").status_code == 302


def test_a_register_is_handed_in_and_worked_off(desk: Desk) -> None:
    steward = world.signed_in(desk.steward)
    assert "请选择登记表" in page(steward, "/work/licences/jobs/", status=422, type=desk.type_code)
    text = f"持证主体,持证主体代码,经营场所,法定代表人,经营项目\n甲公司,{COMPANY.code},路,李,热食\n乙公司,123,路,李,热食\n"
    answer = steward.post("/work/licences/jobs/", {"type": desk.type_code, "file": SimpleUploadedFile("名册.csv", text.encode("gb18030"))})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert "排队中" in page(steward, answer["Location"])
    api.work_off(now=clock.now())
    shown = page(steward, answer["Location"])
    assert "已完成" in shown
    assert "统一社会信用代码应为 18 位" in shown
    assert "统一社会信用代码应为 18 位" in page(steward, f"{answer['Location']}refused.csv")
    assert "名册.csv" in page(steward, "/work/licences/jobs/")
