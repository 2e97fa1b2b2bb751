"""
Lines of the timeline keep what the platform says as sentences that can be said in any language; what was kept until now is quoted.

Applications and grants count their numbers apart; both go on behind the last number that was given.
"""

from django.db import migrations, models

SEQUENCES = """
do $$
declare
    following bigint;
begin
    select case when is_called then last_value + 1 else last_value end into following from sharing_number;
    execute format('create sequence sharing_sq_number start %s', following);
    execute format('create sequence sharing_sh_number start %s', following);
end $$;
drop sequence sharing_number;
"""
ONE_SEQUENCE = """
do $$
declare
    following bigint;
begin
    select greatest(sq.last_value, sh.last_value) + 1 into following from sharing_sq_number sq, sharing_sh_number sh;
    execute format('create sequence sharing_number start %s', following);
end $$;
drop sequence sharing_sq_number;
drop sequence sharing_sh_number;
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0003_notices_moved")]

    operations = [
        migrations.RunSQL(SEQUENCES, ONE_SEQUENCE),
        migrations.RunSQL(
            "alter table sharing_applicationevent alter column reason type jsonb using to_jsonb(reason)",
            "alter table sharing_applicationevent alter column reason type text using coalesce(reason #>> '{}', '')",
            state_operations=[migrations.AlterField("applicationevent", "reason", models.JSONField(blank=True, default=str))],
        ),
    ]
