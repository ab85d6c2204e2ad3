{{ config(post_hook="{{ analyze() }}") }}

-- Orders, cases and answers under an id that nobody has, and that is somebody's but for its
-- spelling: theirs, perhaps. Enough to leave somebody alone, never enough to give them a purchase.
{%- set rows = {
    'order': ('int_orders_unioned', 'order_id', 'sale', 'ordered_on'),
    'case': ('int_cases_unioned', 'case_id', 'case', local_date('rows_told.opened_at')),
    'survey': ('int_surveys_known', 'survey_id', 'answer', 'answered_on'),
} %}

with people as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

orphans as (

    {% for entity, (model, key, about, day) in rows.items() -%}
    select
        '{{ entity }}' as entity,
        rows_told.{{ key }} as entity_id,
        '{{ about }}' as about,
        {{ loose_id('rows_told.customer_id') }} as term,
        {{ day }} as told_on
    from {{ ref(model) }} as rows_told
    left join people on rows_told.customer_id = people.customer_id
    where
        people.customer_id is null
        and rows_told.customer_id not like '{{ unknown_customer()[1:-1] }}%'
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

accounts as (

    select
        customer_id,
        {{ loose_id('account_id') }} as term
    from {{ ref('customer_accounts') }}
    -- nobody's id is worked out while there is nothing to compare it with
    where exists (select 1 from orphans)

)

select
    accounts.customer_id,
    orphans.about,
    orphans.entity,
    orphans.entity_id,
    max(orphans.told_on) as told_on
from orphans
inner join accounts on orphans.term = accounts.term
where orphans.term <> ''
group by accounts.customer_id, orphans.about, orphans.entity, orphans.entity_id
