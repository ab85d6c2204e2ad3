-- The desk: what people who are logged in as `marketing` or `analyst` may see of the live night
-- beyond the lists, and the only ways in which they may write something down.
-- Runs after schema.sql, in its transaction; changes nothing that is there already.

set local role regulars_owner;

create schema if not exists desk;

---------- the log: rows are added, never changed

create table if not exists decisions.desk_records (
    record_id bigint generated always as identity primary key,
    generation integer not null,
    as_of date not null,
    kind text not null check (kind in ('approval', 'call', 'no', 'download')),
    login text not null,
    said_by text not null check (said_by <> ''),
    customer_id text,
    list_code text,
    target text,
    outcome text,
    gate text,
    rows bigint,
    left_out bigint,
    manifest_sha256 text,
    recorded_at timestamptz not null default clock_timestamp(),
    check ((kind in ('call', 'no')) = (customer_id is not null)),
    check (
        outcome is null
        or outcome in ('reached', 'no_answer', 'wrong_number', 'opted_out', 'complained')
    )
);
do $$
begin
    if not exists (select 1 from pg_constraint where conname = 'desk_records_are_short') then
        -- whoever may write a row does not fill the disk with one
        alter table decisions.desk_records add constraint desk_records_are_short check (
            length(said_by) + coalesce(length(customer_id), 0) + coalesce(length(list_code), 0)
            + coalesce(length(target), 0) + coalesce(length(gate), 0)
            + coalesce(length(manifest_sha256), 0) <= 2000
        ) not valid;
    end if;
end
$$;
alter table decisions.desk_records add column if not exists form text check (length(form) <= 200);
comment on column decisions.desk_records.form is
'Which form a call was sent in, so that the same form counts once; every page shows new ones. A no
is the same in every form.';
create unique index if not exists desk_records_of_a_form
on decisions.desk_records (form, list_code, customer_id, outcome);
-- Of a night a no counts once; those of earlier versions have no form, and may stand twice.
create unique index if not exists desk_noes_once
on decisions.desk_records (generation, customer_id) where kind = 'no' and form is not null;
comment on table decisions.desk_records is
'What people wrote down in the browser, under which log-in and name, while which generation was
live. Calls and no''s come back as deliveries of the system desk; recorded_at is bookkeeping.';

---------- what a gate's approval covers

create or replace function ops.delivered_digest(night date) returns text
language sql stable security definer set search_path = ''
as $$
    select encode(sha256(convert_to(coalesce(string_agg(
        concat_ws('|', feed, to_char(delivered_on, 'YYYY-MM-DD'), revision, status, sha256)
        || chr(10),
        '' order by
            feed collate "C", delivered_on, revision, rewrite_no, status collate "C",
            sha256 collate "C"
    ), ''), 'UTF8')), 'hex')
    from raw.deliveries
    where delivered_on <= night and status <> 'redelivered'
$$;
comment on function ops.delivered_digest is
'SHA-256 over what the ledger holds for a night: accepted and refused arrivals, in order.';

-- A person's word that a gate may pass what it stopped. False: it was given before, and the first
-- word stands. Raises P0001 with a sentence where there is nothing that a person may approve.
create or replace function decisions.approve(
    stopped_gate text, night date, given_by text, because text
) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    stop ops.gate_stops%rowtype;
    others text;
    inputs text[];
    added bigint;
begin
    if trim(because) = '' then
        raise exception 'An approval needs a reason.';
    end if;
    if length(because) + length(given_by) > 4000 then
        raise exception 'The reason of an approval has at most 4000 characters.';
    end if;
    select * into stop from ops.gate_stops as s where s.as_of = night and s.gate = stopped_gate;
    if not found then
        select string_agg(s.gate || ' of ' || s.as_of::text, ', ' order by s.as_of, s.gate)
        into others from ops.gate_stops as s;
        raise exception using message =
            'The ' || stopped_gate || ' gate did not stop the night of ' || night::text
            || ': there is nothing to approve. '
            || coalesce('Stopped and waiting: ' || others || '.', 'No gate waits for a word.');
    end if;
    if stopped_gate = 'guards' then
        inputs := stop.claims;
    elsif stop.faults > 0 then
        raise exception using message =
            'The ' || stopped_gate || ' gate stopped the night of ' || night::text
            || ' on a fault, which nobody can approve: '
            || array_to_string(stop.claims[:stop.faults], '; ')
            || '. It is corrected where it arises.';
    else
        inputs := array[ops.delivered_digest(night)];
        if stop.input_digest <> inputs[1] then
            raise exception using message =
                'Deliveries have come since the ' || stopped_gate || ' gate stopped the night of '
                || night::text || '. Run the night again, and approve what it then says if that is'
                || ' right.';
        end if;
    end if;
    insert into decisions.approvals (as_of, gate, input_digest, approved_by, reason)
    select night, stopped_gate, input, given_by, because from unnest(inputs) as input
    on conflict do nothing;
    get diagnostics added = row_count;
    return added > 0;
end
$$;

---------- what the desk shows

create or replace view desk.live as
select generation, as_of, run_id from published.live_generation;

create or replace view desk.waiting as
select as_of, gate, claims, faults from ops.gate_stops;

create or replace view desk.withheld as
select list_code, reason from decisions.withheld_lists
where generation = (select generation from published.live_generation);

create or replace view desk.lists as
select list_code, list_version from decisions.list_versions
where generation = (select generation from published.live_generation);

create or replace view desk.trail as
select record_id, generation, as_of, kind, login, said_by, customer_id, list_code, target, outcome,
    gate, rows, left_out, recorded_at
from decisions.desk_records;

---------- what may be written down

create or replace function desk.live_night() returns desk.live
language plpgsql stable set search_path = ''
as $$
declare live desk.live%rowtype;
begin
    select * into live from desk.live;
    if not found then
        raise exception 'Nothing is published yet.';
    end if;
    return live;
end
$$;

create or replace function desk.approve(given_by text, stopped_gate text, night date, because text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare is_new boolean;
begin
    if (session_user = 'marketing') <> (stopped_gate in ('lists', 'guards')) then
        raise exception using message =
            'The ' || stopped_gate || ' gate is not for ' || session_user || ' to approve.';
    end if;
    is_new := decisions.approve(stopped_gate, night, given_by, because);
    if is_new then
        insert into decisions.desk_records (generation, as_of, kind, login, said_by, gate)
        select coalesce(max(generation), 0), night, 'approval', session_user, given_by, stopped_gate
        from published.generation;
    end if;
    return is_new;
end
$$;

drop function if exists desk.record_call(text, text, text, text);
create or replace function desk.record_call(
    given_by text, of_list text, of_customer text, what_came text, in_form text
) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare live desk.live%rowtype; made bigint;
begin
    live := desk.live_night();
    if not exists (
        select 1 from published.list_members as m
        where m.list_code = of_list and m.customer_id = of_customer and m.arm = 'treat'
    ) then
        raise exception 'They are not to be contacted for this list tonight: the call is not'
            ' written down. If they want to hear no more, press Do not contact.';
    end if;
    insert into decisions.desk_records
        (generation, as_of, kind, login, said_by, list_code, customer_id, outcome, form)
    values (live.generation, live.as_of, 'call', session_user, given_by, of_list, of_customer,
        what_came, in_form)
    on conflict (form, list_code, customer_id, outcome) do nothing
    returning record_id into made;
    if made is null then  -- a form that is sent again says nothing new
        select r.record_id into made from decisions.desk_records as r
        where r.form = in_form and r.list_code = of_list and r.customer_id = of_customer
            and r.outcome = what_came;
    end if;
    return made;
end
$$;

create or replace function desk.record_no(given_by text, of_customer text) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare live desk.live%rowtype; made bigint;
begin
    live := desk.live_night();
    if not exists (
        select 1 from published.dim_customers as c where c.customer_id = of_customer
        union all
        select 1 from published.customer_accounts as a where a.account_id = of_customer
    ) then
        raise exception 'There is no such customer in the published tables.';
    end if;
    insert into decisions.desk_records
        (generation, as_of, kind, login, said_by, customer_id, form)
    values (live.generation, live.as_of, 'no', session_user, given_by, of_customer, 'no')
    on conflict (generation, customer_id) where kind = 'no' and form is not null do nothing;
    select min(r.record_id) into made from decisions.desk_records as r
    where r.kind = 'no' and r.generation = live.generation and r.customer_id = of_customer;
    return made;
end
$$;

create or replace function desk.record_download(
    given_by text, from_generation integer, of_list text, for_target text,
    rows_in_file bigint, people_left_out bigint, sha256_of_manifest text
) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare live desk.live%rowtype; made bigint;
begin
    live := desk.live_night();
    if live.generation <> from_generation then
        raise exception 'Another night has been published meanwhile. Open the list again.';
    end if;
    insert into decisions.desk_records
        (generation, as_of, kind, login, said_by, list_code, target, rows, left_out,
        manifest_sha256)
    values (live.generation, live.as_of, 'download', session_user, given_by, of_list, for_target,
        rows_in_file, people_left_out, sha256_of_manifest)
    returning record_id into made;
    return made;
end
$$;

revoke all on function ops.delivered_digest, decisions.approve, desk.live_night, desk.approve,
desk.record_call, desk.record_no, desk.record_download from public;
revoke insert on decisions.desk_records from regulars_builder;
grant select on decisions.desk_records to regulars_builder;

grant execute on function ops.delivered_digest, decisions.approve to regulars_builder;
grant usage on schema desk to marketing, analyst;
grant usage on schema lists to analyst;
grant select on desk.live, desk.waiting, desk.withheld, desk.lists, desk.trail to marketing, analyst;
grant execute on function desk.approve to marketing, analyst;
grant execute on function desk.record_call, desk.record_no, desk.record_download to marketing;
grant select on decisions.desk_records to regulars_loader;

---------- why (not) this person

set local role regulars_builder;

-- What the tables that are built say is worked out now, so it is told only while they are the
-- live night's.
create or replace function lists.why(of_customer text)
returns table (list_code text, verdict text, why text)
language plpgsql stable security definer set search_path = ''
as $$
declare built text;
begin
    return query
    select cast(m.list_code as text), case m.arm when 'hold' then 'held out' else 'on it' end,
        concat_ws('; ', m.reason_1, m.reason_2, m.reason_3)
    from published.list_members as m where m.customer_id = of_customer
    union all
    select cast(e.list_code as text), 'left out', cast(e.reason as text)
    from published.list_exclusions as e where e.customer_id = of_customer;

    select case
        when b.status in ('built', 'erased_from') and b.as_of = (select g.as_of from published.live_generation as g)
        then '' else 'the night of ' || b.as_of::text || ', which is not published' end
    into built from ops.builds as b where b.prefix = '';
    if built = '' then
        -- of who has died, or asked to be erased, every list says that
        return query execute
        'with ineligible as (
            select i.list_code, i.reason from lists.list_ineligible as i where i.customer_id = $1
        ),
        told as (
            select list_code from ineligible
            union select m.list_code from published.list_members as m where m.customer_id = $1
            union select e.list_code from published.list_exclusions as e where e.customer_id = $1
        )
        select cast(list_code as text), ''does not qualify'', cast(reason as text) from ineligible
        union all
        select cast(d.list_code as text), ''does not qualify'', cast(r.in_general as text)
        from lists.customer_farewells as f
        inner join lists.exclusion_reasons as r on r.reason_code = case
            when f.is_deceased then ''deceased''
            when f.is_erasure_requested then ''erased''
            else ''farewell_in_doubt''
        end
        cross join lists.list_definitions as d
        where f.customer_id = $1 and d.list_code not in (select list_code from told)'
        using of_customer;
    else
        return query select '(others)', 'not known', 'the tables hold ' || coalesce(built, 'no night');
    end if;
end
$$;
revoke all on function lists.why from public;
grant execute on function lists.why to marketing, analyst;

reset role;
