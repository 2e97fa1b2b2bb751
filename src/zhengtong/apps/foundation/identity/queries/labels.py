"""The words that people read for roles and duties, in the language of the page."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhengtong.kernel.actors import Duty, Role

DUTY_NAMES: dict[Duty, str | Promise] = {
    Duty.SYSTEM: _("系统管理员"),
    Duty.SECURITY: _("安全管理员"),
    Duty.AUDIT: _("审计管理员"),
}
ROLE_NAMES: dict[Role, str | Promise] = {
    Role.STEWARD: _("数据专员"),
    Role.SHARING_HEAD: _("共享工作机构负责人"),
    Role.BUREAU_APPROVER: _("主管部门审核员"),
    Role.DEVELOPER: _("开发人员"),
    Role.AUDITOR: _("审计员"),
    Role.CLERK: _("窗口人员"),
    Role.HANDLER: _("承办人员"),
    Role.APPROVER: _("审批人员"),
}


def role_name(role: str) -> str:
    """A role in words."""
    return str(ROLE_NAMES[Role(role)])


def duty_name(duty: str) -> str:
    """A duty in words, empty for none."""
    return str(DUTY_NAMES[Duty(duty)]) if duty else ""
