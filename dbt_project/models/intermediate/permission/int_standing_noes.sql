{{ config(schema="pii", post_hook="{{ analyze() }}") }}

-- The no's that stand, by the id they were said under, which may be nobody's, and when they were
-- first and last said: null where one of them has no date.

-- A no without a date is taken for the latest word.
with last_words as (

    select * from {{ ref('int_last_words') }}

),

-- Only an explicit later yes of the same account, channel and purpose opens what a withdrawal
-- closed, and only is_withdrawn takes back a death or a request. Of two words at one instant the
-- no wins.
taken_back as (

    select
        kind,
        customer_id,
        channel,
        purpose,
        case when not has_undated_no then first_no_at end as first_said_at,
        case when not has_undated_no then no_at end as last_said_at
    from last_words
    where
        (no_at is not null or has_undated_no)
        and (has_undated_no or yes_at is null or no_at >= yes_at)

),

asked_for as (

    {{ channel_purposes() }}

),

-- An unsubscribe or a complaint refuses whatever is asked for on its channel, on all where it names
-- none.
refused as (

    select
        events.kind,
        events.customer_id,
        events.channel,
        coalesce(asked_for.purpose, 'marketing') as purpose,
        events.happened_at
    from {{ ref('int_permission_events') }} as events
    left join asked_for
        on
            events.channel = asked_for.channel
            or events.channel is null
    where events.kind in ('opt_out', 'complaint')

),

named_sources as (

    select
        customer_id,
        channel,
        purpose,
        max(happened_at) as yes_at
    from {{ ref('int_permission_events') }}
    where
        kind = 'consent'
        and not is_no
        {%- set sources = var('sources_that_reopen_an_unsubscribe') %}
        {%- if sources %}
        and source in ('{{ sources | join("', '") }}')
        {%- else %}
        and 1 = 0
        {%- endif %}
    group by customer_id, channel, purpose

),

-- For good, but for an unsubscribe where the company declares which consents open it again.
for_good as (

    select
        refused.kind,
        refused.customer_id,
        refused.channel,
        refused.purpose,
        refused.happened_at as first_said_at,
        refused.happened_at as last_said_at
    from refused
    left join named_sources
        on
            refused.customer_id = named_sources.customer_id
            and refused.channel = named_sources.channel
            and refused.purpose = named_sources.purpose
            and refused.kind = 'opt_out'
            and refused.happened_at < named_sources.yes_at
    where named_sources.customer_id is null

),

standing as (

    select * from taken_back
    union all
    select * from for_good

)

select
    kind,
    customer_id,
    channel,
    purpose,
    case when count(*) = count(first_said_at) then min(first_said_at) end as first_said_at,
    case when count(*) = count(last_said_at) then max(last_said_at) end as last_said_at
from standing
group by kind, customer_id, channel, purpose
