from django.db import migrations

FORWARD = """
create sequence sharing_number;

create function sharing_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'what was signed or has happened is never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger sharing_grant_immutable before update or delete on sharing_grant
    for each row execute function sharing_refuse_change();
create trigger sharing_event_immutable before update or delete on sharing_applicationevent
    for each row execute function sharing_refuse_change();
"""
BACKWARD = """
drop trigger sharing_grant_immutable on sharing_grant;
drop trigger sharing_event_immutable on sharing_applicationevent;
drop function sharing_refuse_change;
drop sequence sharing_number;
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
