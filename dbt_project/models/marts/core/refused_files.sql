{{ config(post_hook="{{ analyze() }}") }}

-- Files that were refused and that nothing has corrected: no later revision of that day, no other
-- file in its place, and, of a snapshot, none of a later day.
with declared as (

    select * from {{ ref('int_feeds_declared') }}

),

ledger as (

    {{ known_deliveries() }}

),

refusals as (

    select
        ledger.delivery_id,
        ledger.feed,
        ledger.delivered_on,
        declared.load_rule
    from ledger
    inner join declared on ledger.feed = declared.feed
    where
        ledger.status = 'refused'
        and declared.is_switched_on

),

corrected as (

    select distinct refusals.delivery_id
    from refusals
    inner join {{ source('ledger', 'corrections') }} as corrections
        on refusals.delivery_id = corrections.delivery_id
    inner join ledger on corrections.corrected_by = ledger.delivery_id
    where
        not corrections.is_of_later_day
        or refusals.load_rule = 'snapshot'

),

standing as (

    select
        refusals.delivery_id,
        refusals.feed,
        refusals.delivered_on
    from refusals
    left join corrected on refusals.delivery_id = corrected.delivery_id
    where corrected.delivery_id is null

)

select * from standing
