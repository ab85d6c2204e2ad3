-- What outlives a night: roles, schemas, the ledger, the decision log, publications.
-- Runs at the start of every night, as the administrator, in one transaction; changes nothing
-- that is there already.

set local role regulars_owner;

create schema if not exists raw;
create schema if not exists pii;
create schema if not exists ops;
create schema if not exists decisions;
create schema if not exists lists;
create schema if not exists published;
create schema if not exists stored;

---------- raw: deliveries as they came

create table if not exists raw.deliveries (
    delivery_id bigint generated always as identity primary key,
    feed text not null,
    delivered_on date not null,
    revision integer not null default 0,
    sha256 text not null,
    path text not null,
    size bigint not null,
    modified_at timestamptz not null,
    status text not null check (status in ('loaded', 'redelivered', 'refused')),
    rows_in bigint,
    rows_loaded bigint not null default 0,
    rows_quarantined bigint not null default 0,
    rows_redelivered bigint not null default 0,
    rows_erased bigint not null default 0,
    reason text,
    drift text[] not null default '{}',
    warnings text[] not null default '{}',
    recorded_at timestamptz not null default clock_timestamp(),
    replay_of bigint references raw.deliveries,
    constraint deliveries_balance check (
        status = 'refused'
        or rows_in = rows_loaded + rows_quarantined + rows_redelivered + rows_erased
    )
);
comment on table raw.deliveries is
'The ledger: one row an arrival or replay. recorded_at is bookkeeping; no result depends on it.';
alter table raw.deliveries add column if not exists replay_of bigint references raw.deliveries;
alter table raw.deliveries add column if not exists rewrite_no integer not null default 0;
alter table raw.deliveries add column if not exists may_be_cut boolean not null default false;
comment on column raw.deliveries.may_be_cut is
'Its last line is sound but has no line end, and no manifest says that nothing is missing.';
alter table raw.deliveries add column if not exists has_row_count boolean not null default false;
comment on column raw.deliveries.has_row_count is
'A manifest said how many rows it has, and they were there.';
alter table raw.deliveries add column if not exists columns text[] default '{}';
alter table raw.deliveries alter column columns drop default;
comment on column raw.deliveries.columns is
'Its declared columns in the order of its header, where that is not as declared; empty texts stand
for undeclared ones. Without any, as {}, nobody knows their order: an earlier version did not say.';
create or replace view raw.corrections as
select
    refused.delivery_id,
    loaded.delivery_id as corrected_by,
    refused.delivered_on < loaded.delivered_on
    and (refused.path <> loaded.path or refused.delivery_id > loaded.delivery_id)
        as is_of_later_day
from raw.deliveries as refused
inner join raw.deliveries as loaded
    on
        refused.feed = loaded.feed
        and loaded.status in ('loaded', 'redelivered')
        and (
            (refused.delivered_on = loaded.delivered_on and refused.revision < loaded.revision)
            or (refused.path = loaded.path and refused.delivery_id < loaded.delivery_id)
            or refused.delivered_on < loaded.delivered_on
        )
where refused.status = 'refused';
comment on view raw.corrections is
'One row a refused file and a loaded one that may take its place: a later revision of its day, a file
in its place, or, which corrects a snapshot alone, one of a later day.';
do $$
begin
    if not exists (
        select from pg_attribute
        where attrelid = 'raw.deliveries'::regclass and attname = 'rows_erased'
    ) then
        alter table raw.deliveries
        add column rows_erased bigint not null default 0,
        drop constraint deliveries_balance,
        add constraint deliveries_balance check (
            status = 'refused'
            or rows_in = rows_loaded + rows_quarantined + rows_redelivered + rows_erased
        );
    end if;
end $$;
comment on column raw.deliveries.rows_erased is
'Rows of people who were erased: removed since, or delivered again and not loaded.';
comment on column raw.deliveries.rewrite_no is
'How often that very file had been replaced by other content before; revision is what it names.';
comment on column raw.deliveries.replay_of is
'The delivery whose quarantined rows this entry brings in after all; null for an arrival.';
drop index if exists raw.deliveries_loaded_once;
create unique index if not exists deliveries_identity
on raw.deliveries (feed, delivered_on, revision, rewrite_no, sha256) where status = 'loaded';
create index if not exists deliveries_by_path on raw.deliveries (feed, path);

create table if not exists raw.quarantine (
    delivery_id bigint not null references raw.deliveries,
    feed text not null,
    file text not null,
    line bigint not null,
    raw_text text,
    rule text not null,
    reason text not null,
    replayed_at timestamptz,
    primary key (delivery_id, line)
);

create table if not exists raw.rewritten_files (
    path text not null,
    sha256 text not null,
    delivered_sha256 text not null,
    primary key (path, sha256)
);
comment on table raw.rewritten_files is
'Delivered files as an erasure left them: known to the ledger by what they were.';

---------- pii: personal data in the form that matching and exports need

create table if not exists pii.normal_forms (
    kind text not null check (kind in ('email', 'phone')),
    original text not null,
    country text not null,
    normal text
);
comment on table pii.normal_forms is
'One row an e-mail address or phone number as delivered; normal is null when it cannot be used.
Under the country ''said'' stand those that a no may mean by it, at which nobody is reached.';
do $$
begin
    if to_regclass('pii.normal_forms_pkey') is not null then  -- a no may mean several
        alter table pii.normal_forms drop constraint normal_forms_pkey;
    end if;
end
$$;
create unique index if not exists each_normal_form
on pii.normal_forms (kind, original, country, normal) nulls not distinct;

create table if not exists pii.reading_rules (rules text not null);
comment on table pii.reading_rules is
'One row: a digest of the rules by which the forms and the terms of quarantined lines were read.';

do $$
begin
    if to_regclass('pii.quarantined_words') is not null then  -- as earlier versions called it
        alter table pii.quarantined_words rename to quarantined_terms;
        alter table pii.quarantined_terms rename column word to term;
    end if;
    if to_regclass('pii.erasure_words') is not null then
        alter table pii.erasure_words rename to erasure_identifiers;
        alter table pii.erasure_identifiers rename column word to identifier;
    end if;
end
$$;

create table if not exists pii.quarantined_terms (
    delivery_id bigint not null references raw.deliveries,
    line bigint not null,
    kind text not null check (kind in ('cell', 'key', 'version', 'email', 'phone', 'keyed')),
    term text not null,
    primary key (delivery_id, line, kind, term)
);
comment on table pii.quarantined_terms is
'What stands in quarantined lines that may hold somebody back: cells as written, the row''s
declared key and version, and addresses and numbers in normal form; a keyed hash where the retention has taken
the text of a line that forbids a contact.';

do $$
begin
    if not exists (  -- earlier versions kept no key, no version: what has its text is read again
        select 1 from pg_constraint
        where conrelid = 'pii.quarantined_terms'::regclass
            and pg_get_constraintdef(oid) like '%''version''%'
    ) then
        alter table pii.quarantined_terms drop constraint if exists quarantined_words_kind_check;
        alter table pii.quarantined_terms drop constraint if exists quarantined_terms_kind_check;
        delete from pii.quarantined_terms as t using raw.quarantine as q
        where q.delivery_id = t.delivery_id and q.line = t.line and q.raw_text is not null;
        delete from pii.quarantined_terms where kind = 'pair';
        alter table pii.quarantined_terms add constraint quarantined_terms_kind_check
            check (kind in ('cell', 'key', 'version', 'email', 'phone', 'keyed'));
    end if;
end
$$;

create table if not exists pii.erasure_identifiers (
    erasure_id bigint not null,
    kind text not null,
    identifier text not null,
    primary key (erasure_id, kind, identifier)
);
comment on table pii.erasure_identifiers is
'Whom an erasure that is under way removes: emptied before its receipt closes.';

create table if not exists pii.withdrawn_members (
    generation integer not null,
    list_code text not null,
    target text not null default '',
    customer_id text not null,
    reason text not null,
    as_of date not null,
    primary key (generation, list_code, target, customer_id)
);
do $$
begin
    if not exists (
        select 1 from pg_attribute
        where attrelid = 'pii.withdrawn_members'::regclass and attname = 'target'
    ) then
        alter table pii.withdrawn_members
        add column target text not null default '',
        drop constraint withdrawn_members_pkey,
        add primary key (generation, list_code, target, customer_id);
    end if;
end
$$;
comment on column pii.withdrawn_members.target is
'A platform that they have withdrawn its own consent from; empty is every target.';
comment on table pii.withdrawn_members is
'Who of a published generation may not be contacted any more: in none of its deliveries.';

create table if not exists pii.audiences (
    id text primary key,
    name text not null,
    description text not null
);
create table if not exists pii.people (
    customer_id text primary key,
    id text generated always as (customer_id) stored,
    email text,
    phone_e164 text,
    first_name text,
    language text,
    timezone text,
    changed_on date not null
);
create table if not exists pii.audience_memberships (
    person_id text not null,
    audience_id text not null,
    is_removed boolean not null,
    generation integer not null,
    changed_on date not null,
    primary key (person_id, audience_id)
);
comment on table pii.audience_memberships is
'Who is on which list now, for tools that read the warehouse; who left stays, is_removed.';

---------- ops: how far a build has come; can be lost without harm

create table if not exists ops.seen_files (
    feed text not null,
    path text not null,
    size bigint not null,
    modified_at timestamptz not null,
    changed_at timestamptz not null,
    is_refused boolean not null,
    primary key (feed, path, size, modified_at, changed_at, is_refused)
);
comment on table ops.seen_files is
'Files as they were each time they were read: spares reading them again. Can be lost without harm.';
create table if not exists ops.builds (
    prefix text primary key,
    as_of date not null,
    last_delivery_id bigint,
    code_digest text not null,
    status text not null check (status in ('building', 'building_full', 'built', 'erased_from'))
);
alter table ops.builds add column if not exists facts_are_published boolean not null default false;
alter table ops.builds add column if not exists code_below_lists text;
comment on column ops.builds.code_below_lists is
'Of code_digest what does not make lists of the tables: a plan of the lists asks for it.';
do $$
begin
    if not exists (
        select from pg_constraint
        where conname = 'builds_status_check' and pg_get_constraintdef(oid) like '%erased_from%'
    ) then
        alter table ops.builds drop constraint builds_status_check,
        add constraint builds_status_check
        check (status in ('building', 'building_full', 'built', 'erased_from'));
    end if;
end $$;
comment on column ops.builds.status is
'erased_from: built, and somebody has been erased from it since; the next build is a full one.';
comment on column ops.builds.facts_are_published is
'Published facts are these, but for rows of customers in ops.unpublished_customers.';
create table if not exists ops.unpublished_customers (
    source_customer_id text not null
);
comment on table ops.unpublished_customers is
'Whose facts were written since the last publication, by builds that wrote no others.';
create table if not exists ops.built_deliveries (
    prefix text not null,
    delivery_id bigint not null,
    primary key (prefix, delivery_id)
);
create table if not exists ops.read_deliveries (
    place text not null,
    delivery_id bigint not null,
    primary key (place, delivery_id)
);
comment on table ops.read_deliveries is
'Of which deliveries a column with addresses was read. Can be lost without harm.';
create table if not exists ops.gate_stops (
    as_of date not null,
    gate text not null,
    input_digest text not null,
    claims text[] not null,
    faults integer not null,
    primary key (as_of, gate)
);
comment on table ops.gate_stops is
'Gates that stopped a night and have not let it pass since. The first `faults` claims are truths.';

create table if not exists ops.delivery_checks (
    generation integer not null,
    as_of date not null,
    primary key (generation, as_of)
);
alter table ops.delivery_checks add column if not exists last_delivery_id bigint;
comment on table ops.delivery_checks is
'Up to which day, and which delivery, it was asked who of a generation has said no. Can be lost
without harm.';

create table if not exists ops.last_cleaning (
    is_it boolean primary key default true check (is_it),
    counted_since text not null
);
comment on table ops.last_cleaning is
'Since when the server has counted changes of tables without a break, when the database''s own files
were last cleaned. Can be lost without harm.';

create table if not exists ops.last_migration (
    is_it boolean primary key default true check (is_it),
    version text not null
);
comment on table ops.last_migration is
'Which code and declarations brought the warehouse up to date last. Can be lost without harm.';

---------- decisions: what no rebuild can derive; rows are added, never changed

create table if not exists decisions.parameters (
    as_of date not null,
    input_digest text not null,
    model text not null,
    parameter text not null,
    value numeric(24, 8) not null,
    run_id text not null,
    library_versions text not null,
    primary key (as_of, input_digest, model, parameter)
);
comment on table decisions.parameters is
'as_of: the last day that the fit may know; input_digest: of the night''s deliveries, or of the
histories of a backtest''s origin.';
create table if not exists decisions.champions (
    as_of date not null,
    input_digest text not null,
    model text not null,
    reason text not null,
    primary key (as_of, input_digest)
);
create table if not exists decisions.publications (
    generation integer primary key,
    as_of date not null,
    run_id text not null,
    input_digest text not null,
    last_delivery_id bigint not null,
    files_digest text not null,
    library_versions text not null,
    published_at timestamptz not null default clock_timestamp()
);
comment on column decisions.publications.files_digest is
'Of its list files, after an erasure as they are then; empty where it could not read all of them.';
create table if not exists decisions.episodes (
    generation integer not null,
    as_of date not null,
    list_code text not null,
    household_id text not null,
    episode_no integer not null,
    customer_id text not null,
    entered_on date not null,
    closes_on date not null,
    stratum text not null,
    arm text not null check (arm in ('treat', 'hold')),
    primary key (generation, list_code, household_id, episode_no, customer_id)
);
-- A household that parted keeps its episode, and then more than one person is on the list in it.
do $$
begin
    if (
        select cardinality(conkey) = 4 from pg_constraint
        where conrelid = 'decisions.episodes'::regclass and contype = 'p'
    ) then
        alter table decisions.episodes drop constraint episodes_pkey,
        add primary key (generation, list_code, household_id, episode_no, customer_id);
    end if;
end $$;
alter table decisions.episodes add column if not exists predicted_value numeric(14, 2);
comment on column decisions.episodes.predicted_value is
'net_clv_12m on that night: what was expected of them before anybody was contacted.';
alter table decisions.episodes add column if not exists value_at_stake numeric(14, 2);
comment on column decisions.episodes.value_at_stake is
'Of the list on that night: what a measured effect is a share of.';
alter table decisions.episodes add column if not exists drawn_share numeric(6, 4);
comment on column decisions.episodes.drawn_share is
'Share of new episodes that the list held out on the night this one was drawn.';
create table if not exists decisions.household_members (
    generation integer not null,
    as_of date not null,
    household_id text not null,
    customer_id text not null,
    primary key (generation, household_id, customer_id)
);
comment on table decisions.household_members is
'Who lived in a household of two or more on the night an episode of theirs began.';
create table if not exists decisions.list_members (
    generation integer not null,
    as_of date not null,
    list_code text not null,
    customer_id text not null,
    rank integer not null,
    arm text not null,
    reason_1 text,
    primary key (generation, list_code, customer_id)
);
create table if not exists decisions.list_rows (
    generation integer not null,
    list_code text not null,
    customer_id text not null,
    facts jsonb not null,
    primary key (generation, list_code, customer_id)
);
comment on table decisions.list_rows is
'What was decided and said of everybody on a list, contact data apart: of a night from before an
erasure no rebuild can derive it any more. Rows of the erased are deleted.';
do $$
begin
    if to_regclass('decisions.list_exclusions') is null then
        create table decisions.list_exclusions (
            generation integer not null,
            as_of date not null,
            list_code text not null,
            customer_id text not null,
            reason_code text,
            primary key (list_code, customer_id, generation)
        );
        -- A warehouse of before: its history begins with what is live.
        if to_regclass('published.list_exclusions') is not null then
            insert into decisions.list_exclusions
            select g.generation, g.as_of, e.list_code, e.customer_id, e.reason_code
            from published.list_exclusions as e
            cross join (select * from published.generation order by generation desc limit 1) as g;
        end if;
    end if;
end $$;
comment on table decisions.list_exclusions is
'A row whenever it changed from one publication to the next why somebody who qualifies for a list is
left out of it; without a reason they no longer are.';
create table if not exists decisions.withheld_lists (
    generation integer not null,
    as_of date not null,
    list_code text not null,
    reason text not null,
    primary key (generation, list_code)
);
create table if not exists decisions.list_versions (
    generation integer not null,
    as_of date not null,
    list_code text not null,
    list_version integer not null,
    is_withheld boolean not null,
    primary key (generation, list_code)
);
comment on table decisions.list_versions is
'Which lists each night had, by which version of their rules. A night from before the first row had
those that it has members of, or that were withheld.';
create table if not exists decisions.customer_states (
    generation integer not null,
    as_of date not null,
    customer_id text not null,
    is_known boolean not null,
    relationship_status text,
    lifecycle_status text,
    value_tier text,
    tier_below_since date,
    consent_email_marketing boolean,
    consent_phone_marketing boolean,
    consent_post_marketing boolean,
    consent_ads boolean,
    primary key (generation, customer_id)
);
alter table decisions.customer_states add column if not exists rfm_group text;
alter table decisions.customer_states add column if not exists rfm_group_since date;
comment on table decisions.customer_states is
'How people stood on a published night; only those whose state changed since the one before.';
create table if not exists decisions.customer_value_inputs (
    generation integer not null,
    as_of date not null,
    customer_id text not null,
    is_known boolean not null,
    segment text not null,
    first_purchase_on date not null,
    last_purchase_on date not null,
    purchase_days integer not null,
    valued_purchase_days integer not null,
    net_sales numeric(20, 6) not null,
    goods_margin numeric(20, 6) not null,
    ordinary_cost numeric(20, 6) not null,
    primary key (generation, customer_id)
);
create index if not exists customer_value_inputs_by_customer
on decisions.customer_value_inputs (customer_id, as_of);
comment on table decisions.customer_value_inputs is
'What explains a value on a published night; only whose changed since the one before.';
create table if not exists decisions.value_terms (
    generation integer not null,
    as_of date not null,
    term text not null,
    subject text not null,
    value numeric(24, 10) not null,
    primary key (generation, term, subject)
);
comment on table decisions.value_terms is
'What everybody''s value of a published night was reckoned with, and what it came to by tier.';
create table if not exists decisions.customer_month_values (
    generation integer not null,
    as_of date not null,
    month_end date not null,
    customer_id text not null,
    net_clv_12m numeric(14, 2),
    value_tier text,
    primary key (generation, customer_id)
);
create index if not exists customer_month_values_by_customer
on decisions.customer_month_values (customer_id, month_end);
comment on table decisions.customer_month_values is
'Values at the end of a month: of the first night published on or after its last day.';
create table if not exists decisions.approvals (
    as_of date not null,
    gate text not null,
    input_digest text not null,
    approved_by text not null,
    reason text not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (as_of, gate, input_digest)
);
-- Approvals given before they named an input stay in the log and cover nothing any more.
do $$
begin
    if not exists (
        select from pg_attribute
        where attrelid = 'decisions.approvals'::regclass and attname = 'input_digest'
    ) then
        alter table decisions.approvals add column input_digest text not null default '',
        drop constraint approvals_pkey, add primary key (as_of, gate, input_digest);
    end if;
end $$;
create table if not exists decisions.deliveries (
    generation integer not null,
    list_code text not null,
    target text not null,
    as_of date not null,
    place text not null,
    rows bigint not null,
    left_out bigint not null,
    manifest_sha256 text not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (generation, list_code, target)
);
comment on table decisions.deliveries is
'What has arrived where, once a list, target and generation; as_of: the day up to which it knew who
had said no. Names nobody.';
create table if not exists decisions.holdout_key (
    singleton boolean primary key default true check (singleton),
    key bytea not null
);

create table if not exists decisions.suppression_key (
    singleton boolean primary key default true check (singleton),
    key bytea not null
);
create table if not exists decisions.suppressions (
    kind text not null check (kind in ('id', 'email', 'phone')),
    keyed_hash text not null,
    erased_on date not null,
    primary key (kind, keyed_hash)
);
comment on table decisions.suppressions is
'Ids and addresses of people who were erased, as hashes under decisions.suppression_key.';
create table if not exists decisions.erasures (
    erasure_id bigint generated always as identity primary key,
    request_hash text not null unique,
    as_of date not null,
    erased_by text not null,
    status text not null default 'open' check (status in ('open', 'removed', 'closed'))
);
alter table decisions.erasures add column if not exists last_generation integer;
alter table decisions.erasures add column if not exists close_by date;
update decisions.erasures set close_by = as_of where close_by is null;
comment on column decisions.erasures.close_by is
'The night by which the database''s own files are to be rewritten, and the receipt closed.';
comment on column decisions.erasures.last_generation is
'The last one that was published before it: it and earlier ones knew whom it removes.';
comment on table decisions.erasures is
'A receipt each. removed: nothing can be queried any more; closed: nor found in a file.';
create table if not exists decisions.erasure_lines (
    erasure_id bigint not null references decisions.erasures,
    place text not null,
    what text not null,
    rows bigint not null,
    is_left boolean not null default false,
    primary key (erasure_id, place, what)
);
do $$
begin
    if not exists (
        select 1 from pg_attribute
        where attrelid = 'decisions.erasure_lines'::regclass and attname = 'is_left'
    ) then
        alter table decisions.erasure_lines add column is_left boolean not null default false;
        -- until then only a word said it
        update decisions.erasure_lines set is_left = true where what ~ '\mleft\M';
    end if;
end
$$;
comment on column decisions.erasure_lines.is_left is
'Whether it could not be done: somebody is to mend it.';

-- A night that was run again counts once: its latest generation.
create or replace view decisions.effective_publications as
select p.*
from decisions.publications as p
where p.generation = (
    select max(other.generation)
    from decisions.publications as other
    where other.as_of = p.as_of
);
create or replace view decisions.effective_episodes as
select e.*
from decisions.episodes as e
inner join decisions.effective_publications as p on e.generation = p.generation;
create or replace view decisions.effective_household_members as
select h.*
from decisions.household_members as h
inner join decisions.effective_publications as p on h.generation = p.generation;
create or replace view decisions.effective_list_members as
select m.*
from decisions.list_members as m
inner join decisions.effective_publications as p on m.generation = p.generation;
create or replace view decisions.effective_withheld_lists as
select w.*
from decisions.withheld_lists as w
inner join decisions.effective_publications as p on w.generation = p.generation;
create or replace view decisions.effective_list_versions as
select v.*
from decisions.list_versions as v
inner join decisions.effective_publications as p on v.generation = p.generation;
create or replace view decisions.effective_customer_states as
select s.*
from decisions.customer_states as s
inner join decisions.effective_publications as p on s.generation = p.generation;
create or replace view decisions.effective_customer_value_inputs as
select i.*
from decisions.customer_value_inputs as i
inner join decisions.effective_publications as p on i.generation = p.generation;
create or replace view decisions.effective_value_terms as
select t.*
from decisions.value_terms as t
inner join decisions.effective_publications as p on t.generation = p.generation;
create or replace view decisions.effective_customer_month_values as
select m.*
from decisions.customer_month_values as m
inner join decisions.effective_publications as p on m.generation = p.generation;

---------- published: what people query

create table if not exists published.generation (
    generation integer primary key,
    as_of date not null,
    run_id text not null,
    published_at timestamptz not null default clock_timestamp()
);

-- Of the log: replaced only where they are missing, for a reader may hold on to them.
do $$
begin
    if to_regclass('published.live_generation') is null then
        create view published.live_generation as
        select * from published.generation order by generation desc limit 1;
    end if;
    if to_regclass('published.customer_value_history') is null then
        create view published.customer_value_history as
        with spans as (
            select
                i.*,
                lead(i.as_of) over (partition by i.customer_id order by i.as_of) as valid_to
            from decisions.effective_customer_value_inputs as i
            where i.as_of <= (select as_of from published.live_generation)
        )
        select
            customer_id,
            as_of as valid_from,
            valid_to,
            segment,
            first_purchase_on,
            last_purchase_on,
            purchase_days,
            valued_purchase_days,
            net_sales,
            goods_margin,
            ordinary_cost
        from spans
        where is_known;
    end if;
    if to_regclass('published.customer_month_values') is null then
        create view published.customer_month_values as
        select
            v.customer_id,
            v.month_end,
            v.as_of as valued_on,
            v.net_clv_12m,
            v.value_tier
        from decisions.effective_customer_month_values as v
        cross join published.live_generation as live
        where v.as_of <= live.as_of
            and v.month_end > cast(live.as_of - interval '24 months' as date)
            -- a night that was run after later ones may have logged a month once more
            and v.as_of = (
                select min(o.as_of)
                from decisions.effective_publications as o
                where o.as_of >= v.month_end
            );
    end if;
    if to_regclass('published.list_member_history') is null then
        create view published.list_member_history as
        select
            as_of,
            list_code,
            customer_id,
            rank,
            arm,
            reason_1
        from decisions.effective_list_members
        where as_of <= (select as_of from published.live_generation);
    end if;
    if to_regclass('published.list_exclusion_history') is null then
        create view published.list_exclusion_history as
        with spans as (
            select
                e.*,
                lead(e.as_of) over (
                    partition by e.list_code, e.customer_id order by e.generation
                ) as valid_to
            from decisions.list_exclusions as e
        )
        select
            list_code,
            customer_id,
            as_of as valid_from,
            valid_to,
            reason_code
        from spans
        -- of a night that was published twice the later generation counts
        where reason_code is not null and as_of is distinct from valid_to;
    end if;
end $$;
comment on table published.generation is
'One row per publication there ever was; key generation. live_generation is the last of them.';
comment on column published.generation.generation is 'Its number, from 1.';
comment on column published.generation.as_of is 'The business date of its night.';
comment on column published.generation.run_id is 'The run that wrote it, as in list files.';
comment on column published.generation.published_at is 'When it became live, by the clock.';
comment on view published.live_generation is
'The generation that the tables of this schema hold: one row, none before the first publication.';
comment on column published.live_generation.generation is 'Its number, from 1.';
comment on column published.live_generation.as_of is 'The business date of its night.';
comment on column published.live_generation.run_id is 'The run that wrote it, as in list files.';
comment on column published.live_generation.published_at is 'When it became live, by the clock.';
comment on view published.customer_value_history is
'One row per person and span of published nights in which the same rows of their own explained their
value; key customer_id, valid_from. valid_to is null while it holds. Money in the reporting currency.';
comment on column published.customer_value_history.customer_id is 'The person.';
comment on column published.customer_value_history.valid_from is
'The published night from which these rows explained their value.';
comment on column published.customer_value_history.valid_to is
'The published night from which others did; null while these do.';
comment on column published.customer_value_history.first_purchase_on is 'Their first purchase day.';
comment on column published.customer_value_history.last_purchase_on is 'Their latest purchase day.';
comment on column published.customer_value_history.purchase_days is
'Days on which they bought, the first among them.';
comment on column published.customer_value_history.valued_purchase_days is
'Those of them whose money is known.';
comment on column published.customer_value_history.net_sales is
'Sales less refunds so far, without tax and shipping.';
comment on column published.customer_value_history.segment is
'Country, whose customers'' margin and costs fill in for what is not known of a customer''s own.';
comment on column published.customer_value_history.goods_margin is
'Net sales less cost of goods so far.';
comment on column published.customer_value_history.ordinary_cost is
'Service cost so far, our own failures left out.';
comment on view published.customer_month_values is
'One row per person and month of the last two years: their value at its end; key customer_id, month_end.
valued_on is the night: the first published one on or after that day.';
comment on column published.customer_month_values.customer_id is 'The person.';
comment on column published.customer_month_values.month_end is 'Last day of the month.';
comment on column published.customer_month_values.valued_on is
'The night of the value: the first published one on or after that day.';
comment on column published.customer_month_values.net_clv_12m is
'Expected net value of the 12 months after, reporting currency; null where it was not known.';
comment on column published.customer_month_values.value_tier is 'The tier that value stood in.';
comment on view published.list_member_history is
'One row per published night, list and person on it, held ones too; key as_of, list_code, customer_id.
list_members has tonight''s with all columns.';
comment on column published.list_member_history.as_of is 'The night.';
comment on column published.list_member_history.list_code is 'Which list.';
comment on column published.list_member_history.customer_id is 'Who.';
comment on column published.list_member_history.rank is 'Place on the list, from 1.';
comment on column published.list_member_history.arm is 'treat, or hold: held back to measure.';
comment on column published.list_member_history.reason_1 is 'Why they were on it, in a sentence.';
comment on view published.list_exclusion_history is
'One row per list, person and span of published nights in which they qualified and were left out for
the same reason; key list_code, customer_id, valid_from. valid_to is null while it holds.';
comment on column published.list_exclusion_history.list_code is 'Which list.';
comment on column published.list_exclusion_history.customer_id is 'Who.';
comment on column published.list_exclusion_history.valid_from is
'The published night from which they were left out for this reason.';
comment on column published.list_exclusion_history.valid_to is
'The published night from which they were not; null while they are.';
comment on column published.list_exclusion_history.reason_code is
'The first reason on the road; docs/lists.md explains each.';

---------- grants

grant usage on schema raw to regulars_loader, regulars_builder, eraser;
grant select, insert on all tables in schema raw to regulars_loader;
revoke update on raw.deliveries from regulars_loader;
grant usage on sequence raw.deliveries_delivery_id_seq to regulars_loader;
revoke insert on raw.rewritten_files from regulars_loader;
grant update (replayed_at) on raw.quarantine to regulars_loader;
grant select on all tables in schema raw to regulars_builder;
grant select, delete on all tables in schema raw to eraser;
alter default privileges in schema raw grant select, insert on tables to regulars_loader;
alter default privileges in schema raw grant select on tables to regulars_builder;
alter default privileges in schema raw grant select, delete on tables to eraser;

grant usage, create on schema pii, lists to regulars_builder;
grant usage on schema pii to eraser, regulars_loader;
grant select on pii.normal_forms to regulars_loader;
grant select, insert on pii.normal_forms, pii.quarantined_terms, pii.withdrawn_members
to regulars_builder;
grant delete on pii.normal_forms, pii.quarantined_terms to regulars_builder;
grant select, insert, update, delete
on pii.audiences, pii.people, pii.audience_memberships, pii.reading_rules to regulars_builder;
do $$
begin
    if current_setting('server_version_num')::integer >= 170000 then  -- older: autovacuum's alone
        grant maintain on pii.normal_forms, pii.quarantined_terms to regulars_builder;
    end if;
end $$;
grant select, delete on pii.normal_forms, pii.quarantined_terms to eraser;

grant usage on schema ops to regulars_loader, regulars_builder;
grant select, insert on ops.seen_files to regulars_loader;
grant select, insert, update, delete on all tables in schema ops to regulars_builder;

grant usage on schema decisions to regulars_builder, regulars_loader;
grant select on decisions.suppressions, decisions.suppression_key to regulars_loader;
grant select, insert on all tables in schema decisions to regulars_builder;
revoke insert on decisions.suppression_key, decisions.suppressions, decisions.erasures,
decisions.erasure_lines from regulars_builder;
revoke insert on decisions.holdout_key, decisions.effective_publications,
decisions.effective_episodes, decisions.effective_list_members,
decisions.effective_household_members, decisions.effective_withheld_lists,
decisions.effective_list_versions, decisions.effective_customer_states, decisions.effective_customer_value_inputs,
decisions.effective_value_terms, decisions.effective_customer_month_values from regulars_builder;

grant usage on schema published to regulars_builder, analyst;
grant select, insert, delete on all tables in schema published to regulars_builder;
grant select on all tables in schema published to analyst;
alter default privileges in schema published
grant select, insert, delete on tables to regulars_builder;
alter default privileges in schema published grant select on tables to analyst;

-- Rows that people read through a view of `published`.
grant usage on schema stored to regulars_builder;
grant select, insert, delete on all tables in schema stored to regulars_builder;

grant usage on schema lists to marketing;

reset role;
