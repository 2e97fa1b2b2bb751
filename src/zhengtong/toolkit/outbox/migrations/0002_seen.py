from django.db import migrations

FORWARD = """
alter table outbox_position drop column id;
-- everything of transactions before xid is read; of xid and later, what is in seen
alter table outbox_position add column seen bigint[] not null default '{}';
"""
BACKWARD = "alter table outbox_position drop column seen; alter table outbox_position add column id bigint not null default 0"


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_outbox")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
