from django.db import migrations, models

# a citizen never holds what an official holds, whoever writes the rows; both sides lock the account
FORWARD = """
create function identity_kind_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'identity_kind_is_kept' using errcode = 'check_violation';
end $$;
create trigger identity_account_kind before update of kind on identity_account
    for each row when (old.kind <> new.kind) execute function identity_kind_is_kept();

create function identity_officials_only() returns trigger language plpgsql as $$
declare
    held bigint[];
begin
    if tg_table_name = 'identity_delegation' then
        held := array[new.giver_id, new.taker_id];
    else
        held := array[new.account_id];
    end if;
    if exists (select 1 from identity_account where id = any(held) and kind <> 'official') then
        raise exception 'identity_officials_only' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger identity_assignment_official before insert or update of account_id on identity_roleassignment
    for each row execute function identity_officials_only();
create trigger identity_delegation_official before insert or update of giver_id, taker_id on identity_delegation
    for each row execute function identity_officials_only();
"""
BACKWARD = """
drop trigger identity_account_kind on identity_account;
drop trigger identity_assignment_official on identity_roleassignment;
drop trigger identity_delegation_official on identity_delegation;
drop function identity_kind_is_kept;
drop function identity_officials_only;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_roles_of_cases")]
    operations = [
        migrations.AddField(
            model_name="account",
            name="kind",
            field=models.CharField(choices=[("official", "official"), ("person", "person")], default="official", max_length=8),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "official"), models.Q(("duty", ""), ("kind", "person"), ("office__isnull", True)), _connector="OR"),
                name="account_of_a_person_has_no_office",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
