from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql/0001_ledger.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
