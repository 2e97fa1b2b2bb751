from django.db import migrations

FORWARD = """
create table outbox_message (
    id bigint generated always as identity primary key,
    -- readers must not pass a message whose transaction is still open, so they order by transaction, not by id alone
    xid xid8 not null default pg_current_xact_id(),
    topic text not null,
    body jsonb not null,
    at timestamptz not null
);
create index outbox_message_order on outbox_message (xid, id);
create table outbox_position (
    reader text primary key,
    xid xid8 not null default '0',
    id bigint not null default 0
);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, "drop table outbox_message; drop table outbox_position")]
