{{ config(post_hook="{{ analyze() }}") }}

-- Orders, cases and answers under an id that nobody has, and that is somebody's but for its
-- spelling: theirs, perhaps, whoever has the order or the case that they name. Enough to leave
-- somebody alone, never enough to give them a purchase.
with people as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

cases as (

    select
        case_id,
        said_customer_id,
        order_customer_id,
        {{ local_date('opened_at') }} as opened_on
    from {{ ref('int_cases_unioned') }}
    where opened_at < {{ as_of_end() }}

),

cases_said as (

    select
        case_id,
        said_customer_id as said,
        opened_on
    from cases
    union all
    select
        case_id,
        order_customer_id as said,
        opened_on
    from cases

),

surveys as (

    select
        survey_id,
        case_id,
        customer_id,
        said_customer_id,
        answered_on
    from {{ ref('int_surveys_known') }}

),

rows_told as (

    select
        'order' as entity,
        order_id as entity_id,
        'sale' as about,
        customer_id as said,
        ordered_on as told_on
    from {{ ref('int_orders_unioned') }}
    union all
    select
        'case' as entity,
        case_id as entity_id,
        'case' as about,
        said,
        opened_on as told_on
    from cases_said
    union all
    select
        'survey' as entity,
        survey_id as entity_id,
        'answer' as about,
        said_customer_id as said,
        answered_on as told_on
    from surveys
    union all
    -- an answer that is nobody's may be of whom its case may be about
    select
        'survey' as entity,
        surveys.survey_id as entity_id,
        'answer' as about,
        cases_said.said,
        surveys.answered_on as told_on
    from surveys
    inner join cases_said on surveys.case_id = cases_said.case_id
    left join people on surveys.customer_id = people.customer_id
    where people.customer_id is null

),

orphans as (

    select
        rows_told.entity,
        rows_told.entity_id,
        rows_told.about,
        {{ loose_id('rows_told.said') }} as term,
        rows_told.told_on
    from rows_told
    left join people on rows_told.said = people.customer_id
    where
        people.customer_id is null
        and rows_told.said not like '{{ unknown_customer()[1:-1] }}%'

),

accounts as (

    {{ every_account() }}

),

terms as (

    select
        customer_id,
        {{ loose_id('account_id') }} as term
    from accounts
    -- nobody's id is worked out while there is nothing to compare it with
    where exists (select 1 from orphans)

)

select
    terms.customer_id,
    orphans.about,
    orphans.entity,
    orphans.entity_id,
    max(orphans.told_on) as told_on
from orphans
inner join terms on orphans.term = terms.term
where orphans.term <> ''
group by terms.customer_id, orphans.about, orphans.entity, orphans.entity_id
