{%- set text = dbt.type_string() %}
{%- set parts = [
    'before', 'restated', 'time', 'corrections', 'purchases', 'new_customers', 'service', 'averages',
    'model', 'assumptions', 'tier_moves', 'now',
] %}

-- The company's bridge, and each tier's. A person's parts belong to the tier in which they began
-- the night; who changes tier takes tonight's value along.
with customers as (

    select
        changes.*,
        case when is_new then 0 else purchases_amount end as old_purchases_amount,
        case when is_new then purchases_amount else 0 end as new_customers_amount,
        coalesce(value_tier_before, value_tier) as tier_from,
        coalesce(value_tier, value_tier_before) as tier_to
    from {{ ref('customer_value_changes') }} as changes

),

{%- set columns = {
    'revalued': 'value_before', 'time': 'time_amount', 'corrections': 'corrections_amount',
    'purchases': 'old_purchases_amount', 'new_customers': 'new_customers_amount',
    'service': 'service_amount', 'averages': 'averages_amount', 'model': 'model_amount',
    'assumptions': 'assumptions_amount',
} %}

tiers as (

    select
        {%- for part, column in columns.items() %}
        sum({{ column }}) as {{ part }},
        sum(case when {{ column }} <> 0 then 1 else 0 end) as {{ part }}_customers,
        {%- endfor %}
        tier_from as scope
    from customers
    group by tier_from

),

-- Everybody is added up once, into tiers; the company is the sum of its tiers.
summed as (

    select * from tiers
    union all
    select
        {%- for part in columns %}
        sum({{ part }}) as {{ part }},
        sum({{ part }}_customers) as {{ part }}_customers,
        {%- endfor %}
        'company' as scope
    from tiers
    having count(*) > 0

),

closing as (

    select
        'company' as scope,
        sum(value_now) as amount,
        count(value_tier) as customers
    from customers
    having count(*) > 0
    union all
    select
        tier_to as scope,
        sum(value_now) as amount,
        count(value_tier) as customers
    from customers
    group by tier_to

),

-- What was published last night. It differs from the same inputs valued again where people were
-- erased since, or where a new version of the formula came.
terms_before as (

    select
        terms.term,
        terms.subject,
        terms.value
    from {{ source('decisions', 'effective_value_terms') }} as terms
    inner join {{ ref('int_previous_night') }} as previous_night
        on terms.as_of = previous_night.as_of

),

opening as (

    select
        subject as scope,
        value as amount
    from terms_before
    where term = 'value'
    union all
    select
        'company' as scope,
        sum(value) as amount
    from terms_before
    where term = 'value'
    having count(*) > 0

),

amounts as (

    select
        'before' as part,
        scope,
        amount,
        0 as customers
    from opening
    union all
    select
        'restated' as part,
        scope,
        -amount as amount,
        0 as customers
    from opening
    union all
    select
        'restated' as part,
        scope,
        revalued as amount,
        0 as customers
    from summed
    {%- for part in columns if part != 'revalued' %}
    union all
    select
        '{{ part }}' as part,
        scope,
        {{ part }} as amount,
        {{ part }}_customers as customers
    from summed
    {%- endfor %}
    {%- for scope, sign in [('tier_from', '-'), ('tier_to', '')] %}
    union all
    select
        'tier_moves' as part,
        {{ scope }} as scope,
        {{ sign }}value_now as amount,
        1 as customers
    from customers
    where tier_from <> tier_to
    {%- endfor %}
    union all
    select
        'now' as part,
        scope,
        amount,
        customers
    from closing

),

totals as (

    select
        scope,
        part,
        sum(amount) as amount,
        sum(customers) as customers
    from amounts
    group by
        scope,
        part

),

named_parts as (

    {%- for part in parts %}
    select
        {{ loop.index }} as place,
        '{{ part }}' as part
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

everywhere as (

    select
        named.scope,
        named_parts.place,
        named_parts.part
    from (select distinct scope from totals) as named
    cross join named_parts

),

changes as (

    select max(case when term = 'tier_assumption' then 1 else 0 end) as tiers
    from {{ ref('int_changed_assumptions') }}

),

models as (

    select max(case when before.subject is null then 1 else 0 end) as has_changed
    from {{ ref('value_terms') }} as tonight
    left join terms_before as before
        on
            tonight.term = before.term
            and tonight.subject = before.subject
    where tonight.term = 'purchase_model'

),

final as (

    select
        previous_night.as_of as previous_as_of,
        cast(everywhere.scope as {{ text }}) as scope,
        everywhere.place,
        cast(
            case
                when everywhere.part = 'model'
                    then case when models.has_changed = 1 then 'new_model' else 'refit' end
                when everywhere.part = 'tier_moves' and changes.tiers = 1 then 'tier_cuts'
                else everywhere.part
            end as {{ text }}
        ) as part,
        cast(coalesce(totals.amount, 0) as numeric(18, 2)) as amount,
        cast(coalesce(totals.customers, 0) as integer) as customers
    from everywhere
    cross join {{ ref("int_previous_night") }} as previous_night
    cross join changes
    cross join models
    left join totals
        on
            everywhere.scope = totals.scope
            and everywhere.part = totals.part

)

select * from final
