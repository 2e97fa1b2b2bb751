from django.db import migrations

from zhengtong.engines.dataflow.ddl import EngineTables, engine_tables_sql

FORWARD = """
create table routing_snapshot (
    version bigint primary key,
    payload text not null,
    scheme text not null,
    key_id text not null,
    signature bytea not null,
    published_at timestamptz not null default now(),
    -- of callers and routes alone, so that an unchanged world is not published again
    content_hash text not null default ''
)
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_initial")]
    operations = [
        migrations.RunSQL([FORWARD, *engine_tables_sql(EngineTables(schema="hub"))], "drop table routing_snapshot; drop schema hub cascade"),
    ]
