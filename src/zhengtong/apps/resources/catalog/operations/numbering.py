"""Giving out resource codes 信息资源代码: each order number once, settled by a row lock and the unique code."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.apps.resources.catalog.rules.completeness import class_code_fits
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

_TAKE = """
    insert into catalog_codesequence (class_code, last) values (%s, %s)
    on conflict (class_code) do update set last = catalog_codesequence.last + excluded.last returning last
"""


class ClassCodeInvalid(Invalid):
    """分类码不合本平台的资源代码规则。"""

    code = "class-code-invalid"


def take_codes(class_code: str, count: int = 1) -> list[str]:
    """
    New codes 分类码/顺序码, none of which any entry has; must run inside a transaction.

    :raises ClassCodeInvalid: if the classification does not fit the pattern.
    """
    if not class_code_fits(class_code, settings.ENVIRONMENT.resource_code_pattern):
        raise ClassCodeInvalid(
            say("分类码 {class_code} 不合编码规则", class_code=class_code or say("(空)")),
            field="class_code",
            remedy="按类、项、目、细目填写,如 307001",
        )
    codes = list[str]()
    while len(codes) < count:
        missing = count - len(codes)
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [class_code, missing])
            row = cursor.fetchone()
        last = int(row[0]) if row else missing
        fresh = [f"{class_code}/{number:06d}" for number in range(last - missing + 1, last + 1)]
        taken = set(Resource.objects.filter(code__in=fresh).values_list("code", flat=True))
        codes += [code for code in fresh if code not in taken]
    return codes
