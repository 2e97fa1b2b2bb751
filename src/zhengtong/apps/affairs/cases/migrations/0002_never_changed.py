from django.db import migrations

FORWARD = """
create function cases_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'what was done is never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger cases_deed_immutable before update or delete on cases_deed
    for each row execute function cases_refuse_change();

create function cases_process_stays() returns trigger language plpgsql as $$
begin
    if old.state <> 'draft' and (
        (new.code, new.version, new.name, new.bpmn, new.offices, new.posts) is distinct from
        (old.code, old.version, old.name, old.bpmn, old.offices, old.posts)
        or new.state = 'draft'
    ) then
        raise exception 'a published process never changes' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger cases_process_immutable before update on cases_processtemplate
    for each row execute function cases_process_stays();
"""
BACKWARD = """
drop trigger cases_deed_immutable on cases_deed;
drop function cases_refuse_change;
drop trigger cases_process_immutable on cases_processtemplate;
drop function cases_process_stays;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
