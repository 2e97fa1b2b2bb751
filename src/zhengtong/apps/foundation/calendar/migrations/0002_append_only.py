"""Revisions are added, never changed."""

from django.db import migrations

FORWARD = """
create function calendar_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'a revision of the calendar is undone by another one, never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger calendar_revision_immutable before update or delete on calendar_revision
    for each row execute function calendar_refuse_change();
"""
BACKWARD = """
drop trigger calendar_revision_immutable on calendar_revision;
drop function calendar_refuse_change;
"""


class Migration(migrations.Migration):
    dependencies = [("calendar", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
