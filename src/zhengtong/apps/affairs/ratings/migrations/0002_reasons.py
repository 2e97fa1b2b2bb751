"""The reasons of GB/T 39735: four of cases filed online, three of those at a window."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_ONLINE = (("efficiency", "办事效率"), ("guide", "办事指南精确度"), ("convenience", "办事便捷度"), ("platform", "平台操作性"))
_WINDOW = (("speed", "服务效率"), ("skill", "服务水平"), ("manner", "服务态度"))


def seed(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Put them in."""
    reason = apps.get_model("ratings", "Reason")
    for online, rows in ((True, _ONLINE), (False, _WINDOW)):
        for code, label in rows:
            reason.objects.create(code=code, label=label, online=online)


class Migration(migrations.Migration):
    dependencies = [("ratings", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
