-- The ledger. Every process writes through ledger_append, and nothing is ever updated or deleted.
-- Uniqueness of (chain, height) cannot be a constraint across monthly partitions; the compare-and-swap on ledger_chain is what
-- makes a chain linear, and two writers of one chain collide there.

create table ledger_chain (
    chain text primary key,
    height bigint not null check (height >= 0),
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    updated_at timestamptz not null
);

create table ledger_block (
    chain text not null,
    height bigint not null check (height >= 1),
    at timestamptz not null,
    count integer not null check (count >= 1),
    digest text not null check (digest in ('sha256', 'sm3')),
    previous text not null check (previous ~ '^[0-9a-f]{64}$'),
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    scheme text not null,
    key_id text not null,
    signature bytea not null,
    body bytea not null,
    primary key (chain, height, at)
) partition by range (at);

-- blocks unfolded for search; derived, may be emptied and made again
create table ledger_entry (
    at timestamptz not null,
    id text not null,
    chain text not null,
    height bigint not null,
    position integer not null,
    event text not null,
    outcome text not null,
    actor text not null,
    office text not null,
    provider text not null,
    resource text not null,
    grant_number text not null,
    purpose text not null,
    case_number text not null,
    channel text not null,
    items text[] not null,
    subjects text[] not null,
    rows bigint not null,
    address text not null,
    detail jsonb not null,
    primary key (at, chain, height, position)
) partition by range (at);
create index ledger_entry_office on ledger_entry (office, at desc);
create index ledger_entry_provider on ledger_entry (provider, at desc);
create index ledger_entry_resource on ledger_entry (resource, at desc);
create index ledger_entry_actor on ledger_entry (actor, at desc);
create index ledger_entry_event on ledger_entry (event, at desc);
create index ledger_entry_id on ledger_entry (id);
create index ledger_entry_subjects on ledger_entry using gin (subjects);

-- how far each chain has been unfolded
create table ledger_unfolded (
    chain text primary key,
    height bigint not null
);

-- Makes the partitions of a month, named ledger_block_202611 and ledger_entry_202611. Months begin at 00:00 UTC.
create function ledger_month(moment timestamptz) returns void language plpgsql as $$
declare
    first date := date_trunc('month', moment at time zone 'UTC')::date;
    suffix text := to_char(first, 'YYYYMM');
    parent text;
begin
    foreach parent in array array['ledger_block', 'ledger_entry'] loop
        execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
            parent || '_' || suffix, parent, first::text || ' 00:00:00+00', (first + interval '1 month')::date::text || ' 00:00:00+00');
    end loop;
end $$;

create function ledger_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger ledger_block_append_only before update or delete on ledger_block
    for each row execute function ledger_refuse_change();
create trigger ledger_block_no_truncate before truncate on ledger_block
    for each statement execute function ledger_refuse_change();

-- Appends one block. Returns true if the chain stood at (height - 1, previous), false if another writer was there first.
-- The month's partition is made by whoever comes first; make-ahead by the worker keeps that off the hot path.
create function ledger_append(
    p_chain text, p_height bigint, p_at timestamptz, p_count integer, p_digest text, p_previous text, p_hash text,
    p_scheme text, p_key_id text, p_signature bytea, p_body bytea
) returns boolean language plpgsql as $$
begin
    if p_height = 1 then
        insert into ledger_chain (chain, height, hash, updated_at) values (p_chain, 0, repeat('0', 64), p_at) on conflict do nothing;
    end if;
    update ledger_chain set height = p_height, hash = p_hash, updated_at = p_at
        where chain = p_chain and height = p_height - 1 and hash = p_previous;
    if not found then
        return false;
    end if;
    if to_regclass('ledger_block_' || to_char(p_at at time zone 'UTC', 'YYYYMM')) is null then
        perform ledger_month(p_at);
    end if;
    insert into ledger_block (chain, height, at, count, digest, previous, hash, scheme, key_id, signature, body)
        values (p_chain, p_height, p_at, p_count, p_digest, p_previous, p_hash, p_scheme, p_key_id, p_signature, p_body);
    return true;
end $$;
