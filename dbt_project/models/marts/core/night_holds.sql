{{ config(post_hook="{{ analyze() }}") }}

-- What the night does not know, or does not count yet: the one place that step, status, report and
-- alert read. Counts and names of feeds, nobody's data.
{%- set text = dbt.type_string() %}
{%- set waiting = {
    'orders': 'ordered_on > ' ~ as_of(),
    'refunds': 'refunded_on > ' ~ as_of(),
    'cases': 'opened_at >= ' ~ as_of_end(),
    'surveys': 'answered_at >= ' ~ as_of_end(),
} %}

with feeds as (

    select * from {{ ref('feed_states') }}

),

stale as (

    select
        case when is_approved then 'feed_let_pass' else 'feed_not_in' end as kind,
        feed as subject,
        cast(1 as bigint) as held_count,
        words
    from feeds
    where is_stale

),

switched_off as (

    select
        'feed_switched_off' as kind,
        feed as subject,
        cast(1 as bigint) as held_count,
        {{ guards_in_words() }} as words
    from feeds
    where
        not is_switched_on
        and {{ guards_in_words() }} <> ''

),

lacking as (

    {% for guard in var('guards') -%}
    select
        'guard_lacking' as kind,
        '{{ guard }}' as subject,
        cast(1 as bigint) as held_count,
        cast(null as {{ text }}) as words
    where
        not exists (
            select 1 from feeds
            where
                feeds.is_switched_on
                and feeds.guards_{{ guard }}
        )
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

named as (

    select * from stale
    union all
    select * from switched_off
    union all
    select * from lacking

),

waiting as (

    {% for entity, is_later in waiting.items() -%}
    {{ held_rows('rows_waiting', "'" ~ entity ~ "'") }}
    from ({{ union_systems(entity, of='accounts') }}) as delivered
    where {{ is_later }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Few, and found in one pass over all.
odd_orders as (

    select
        excess_refunds,
        is_undecided,
        is_value_unknown
    from {{ ref('fct_orders') }}
    where
        is_undecided
        or is_value_unknown
        or excess_refunds > 0

),

money as (

    {{ held_rows('refunds_above_sale', "'orders'", amount='sum(excess_refunds)') }}
    from odd_orders
    where excess_refunds > 0

    union all

    {{ held_rows('refunds_without_sale', "'refunds'", amount='sum(amount)') }}
    from {{ ref('fct_refunds') }}
    where held_reason = 'no_sale'

),

undecided as (

    {{ held_rows('orders_undecided', "'orders'") }}
    from odd_orders
    where is_undecided

    union all

    {{ held_rows('orders_without_value', "'orders'") }}
    from odd_orders
    where is_value_unknown

),

unvalued as (

    {{ held_rows('spend_without_value', "'marketing_spend'", 'count(distinct month)') }}
    from {{ ref('int_marketing_spend') }}
    where amount is null

),

in_doubt as (

    {{ held_rows('rows_in_doubt', 'about') }}
    from {{ ref('unread_rows') }}
    group by about

),

misnamed as (

    {{ held_rows('rows_misnamed', 'about', held='count(distinct entity_id)') }}
    from {{ ref('int_rows_misnamed') }}
    group by about

),

-- Orders, cases and answers that name a customer who has not come, or nobody and an order or a case
-- that has not, and lines of such an order; a guest's order is nobody's for good, and one of whom
-- was erased.
told as (

    select
        'orders' as subject,
        'sale' as about,
        order_id as entity_id,
        source_customer_id as customer_id
    from {{ ref('fct_orders') }}
    where
        customer_id = {{ unknown_customer() }}
        and source_customer_id not like '{{ unknown_customer()[1:-1] }}%'
        and source_customer_id not like '{{ var("pseudonym") }}%'
    union all
    select
        'order_lines' as subject,
        'line' as about,
        lines.order_id as entity_id,
        cast(null as {{ text }}) as customer_id
    from {{ ref('fct_order_lines') }} as lines
    left join ({{ union_systems('orders', of='accounts') }}) as delivered
        on lines.order_id = delivered.order_id
    where
        lines.customer_id = {{ unknown_customer() }}
        and lines.source_customer_id = {{ unknown_customer('lines.order_id') }}
        and delivered.order_id is null
    union all
    select
        'cases' as subject,
        'case' as about,
        cases.case_id as entity_id,
        cases.customer_id
    from {{ ref('int_cases_unioned') }} as cases
    left join {{ ref('fct_orders') }} as orders on cases.order_id = orders.order_id
    where
        cases.opened_at < {{ as_of_end() }}
        and (
            cases.said_customer_id is not null
            or (cases.order_id is not null and orders.order_id is null)
        )
    union all
    select
        'surveys' as subject,
        'answer' as about,
        surveys.survey_id as entity_id,
        surveys.customer_id
    from {{ ref('int_surveys_known') }} as surveys
    left join {{ ref('int_cases_unioned') }} as asked on surveys.case_id = asked.case_id
    where
        surveys.said_customer_id is not null
        or (surveys.case_id is not null and asked.case_id is null)

),

of_nobody as (

    {{ held_rows('rows_of_nobody', 'told.subject') }}
    from told
    left join {{ ref('int_customers_unioned') }} as customers
        on told.customer_id = customers.customer_id
    left join {{ ref('int_rows_misnamed') }} as misnamed
        on
            told.about = misnamed.about
            and told.entity_id = misnamed.entity_id
    where
        customers.customer_id is null
        and misnamed.entity_id is null
    group by told.subject

),

-- A merge that leads back to where it began, or too far on.
set_aside as (

    {{ held_rows('merges_set_aside', "'identities'") }}
    from {{ ref('int_account_roots') }}
    where set_aside_for is not null

),

crowded_homes as (

    select home_key
    from {{ ref('customer_homes') }}
    where home_key is not null
    group by home_key
    having count(*) > {{ var('household_max_people') }}

),

-- More people than a household has.
crowds as (

    {{ held_rows('addresses_of_many', "'addresses'") }}
    from crowded_homes

),

-- A line in quarantine.
unread_noes as (

    {{ held_rows('no_unread', 'kind') }}
    from {{ ref('unattributed_noes') }}
    where line is not null
    group by kind

),

-- An id that nobody has.
noes_about_nobody as (

    {{ held_rows('no_about_nobody', 'kind') }}
    from {{ ref('unattributed_noes') }}
    where line is null
    group by kind

),

counted as (

    select * from waiting
    union all
    select * from money
    union all
    select * from undecided
    union all
    select * from unvalued
    union all
    select * from in_doubt
    union all
    select * from misnamed
    union all
    select * from of_nobody
    union all
    select * from unread_noes
    union all
    select * from noes_about_nobody
    union all
    select * from ({{ contacts_not_sent() }}) as not_sent
    union all
    select * from set_aside
    union all
    select * from crowds

),

final as (

    select
        kind,
        subject,
        held_count,
        cast(null as numeric(18, 2)) as amount,
        words
    from named

    union all

    select
        kind,
        subject,
        held_count,
        amount,
        cast(null as {{ text }}) as words
    from counted
    where held_count > 0

)

select * from final
