from django.db import migrations

# both lock the account, so that a duty and a role given at the same moment cannot both pass
FORWARD = """
create function identity_no_roles_beside_a_duty() returns trigger language plpgsql as $$
begin
    if exists (select 1 from identity_roleassignment where account_id = new.id
               and (valid_until is null or valid_until >= (now() at time zone 'Asia/Shanghai')::date)) then
        raise exception 'identity_duties_exclude_roles' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger identity_account_duty before update of duty on identity_account
    for each row when (new.duty <> '') execute function identity_no_roles_beside_a_duty();

create function identity_no_duty_beside_a_role() returns trigger language plpgsql as $$
begin
    if (select duty from identity_account where id = new.account_id for update) <> '' then
        raise exception 'identity_duties_exclude_roles' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger identity_assignment_duty before insert or update of account_id on identity_roleassignment
    for each row execute function identity_no_duty_beside_a_role();
"""
BACKWARD = """
drop trigger identity_account_duty on identity_account;
drop trigger identity_assignment_duty on identity_roleassignment;
drop function identity_no_roles_beside_a_duty;
drop function identity_no_duty_beside_a_role;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
