{%- set changes = ['corrections', 'purchases', 'service'] %}
{%- set history = ['purchase_days', 'first_purchase_on', 'last_purchase_on'] %}

-- Each customer's value from last night to tonight, a step a cause: always the same formula, and at
-- each step one more of its arguments is tonight's. A step at which nothing changes for a person
-- is null; the last one is tonight's value itself. What an order leaves does not depend on the
-- day: it is worked out once for a basis, on whatever days that is looked at.
--
-- Everybody has last night's basis and tonight's; only to whom something happened there are more.
-- `terms` says whose averages of countries and frequency bands count, `model` whose purchase and
-- spend models: those of `then` or of `now`.
with previous_night as (

    select as_of from {{ ref('int_previous_night') }}

),

settings as (

    select
        case when count(*) > 0 then 'then' else 'now' end as terms,
        case when count(*) > 0 then 'now' else 'then' end as model
    from {{ ref('int_changed_assumptions') }}
    where term = 'assumption'

),

tonight as (

    select * from {{ ref('int_customer_value_inputs') }}
    where purchase_days > 0

),

changed as (

    select
        changes.customer_id,
        changes.is_known,
        changes.segment,
        corrected.customer_id is not null as is_corrected,
        {%- for column in purchase_input_columns() %}
        corrected.{{ column }} as corrected_{{ column }},
        {%- endfor %}
        coalesce(before.ordinary_cost, 0) as ordinary_cost_before,
        {{ inputs_of_both_nights() }}
    from {{ ref('customer_value_input_changes') }} as changes
    left join {{ ref('int_customer_value_inputs_before') }} as before
        on changes.customer_id = before.customer_id
    left join {{ ref('int_customer_value_inputs') }} as tonight
        on
            changes.customer_id = tonight.customer_id
            and tonight.purchase_days > 0
    left join {{ ref('int_customer_value_inputs_corrected') }} as corrected
        on changes.customer_id = corrected.customer_id
    cross join settings
    cross join previous_night

),

-- Whoever is in no change has last night's inputs tonight: only the others are looked up in what
-- was.
people as (

    select
        {%- for side in ['then', 'now'] %}
        {%- for column in value_input_columns() %}
        {{ side }}_{{ column }},
        {%- endfor %}
        {%- endfor %}
        false as is_unchanged,
        customer_id
    from changed
    union all
    select
        {%- for side in ['then', 'now'] %}
        {%- for column in value_input_columns() %}
        tonight.{{ column }} as {{ side }}_{{ column }},
        {%- endfor %}
        {%- endfor %}
        true as is_unchanged,
        tonight.customer_id
    from tonight
    left join {{ ref('customer_value_input_changes') }} as changes
        on tonight.customer_id = changes.customer_id
    cross join previous_night
    where changes.customer_id is null

),

-- who is no longer known has nothing from here on
bases as (

    {%- for basis, is_corrected, service, condition in [
        ('corrections', 'is_corrected', 'ordinary_cost_before', 'then_purchase_days is not null'),
        ('purchases', 'false', 'ordinary_cost_before', 'is_known'),
        ('service', 'false', 'now_ordinary_cost', 'is_known'),
    ] %}
    select
        '{{ basis }}' as basis,
        segment,
        {%- for column in purchase_input_columns() %}
        case when {{ is_corrected }} then corrected_{{ column }} else now_{{ column }} end
            as {{ column }},
        {%- endfor %}
        {{ service }} as ordinary_cost,
        customer_id
    from changed
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

segments as (

    {%- for terms, table in [
        ('then', 'int_value_segments_before'), ('now', 'int_value_segments')
    ] %}
    select
        '{{ terms }}' as terms,
        segment,
        margin_rate,
        variable_cost,
        ordinary_cost,
        failure_cost,
        usual_order_value
    from {{ ref(table) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

factors as (

    select
        'then' as terms,
        terms.subject as frequency_band,
        cast(terms.value as numeric(8, 4)) as spend_factor
    from {{ source('decisions', 'effective_value_terms') }} as terms
    inner join previous_night on terms.as_of = previous_night.as_of
    where terms.term = 'spend_factor'
    union all
    select
        'now' as terms,
        cast(frequency_band as {{ dbt.type_string() }}) as frequency_band,
        spend_factor
    from {{ ref('int_spend_factors') }}

),

laws as (

    select
        'then' as model,
        max(p) as p,
        max(q) as q,
        max(gamma) as gamma,
        max(margin_rate_credibility) as margin_rate_credibility,
        max(service_credibility_purchases) as service_credibility_purchases
    from {{ ref('int_value_segments_before') }}

),

spend as (

    select
        model,
        p,
        q,
        gamma
    from laws
    union all
    select
        'now' as model,
        tonights.p,
        tonights.q,
        tonights.gamma
    from ({{ spend_parameters() }}) as tonights

),

priced_changes as (

    select
        bases.*,
        {{ margin_of_basis('bases.', 'segments', 'factors', 'laws', 'laws') }} as margin,
        {{ service_of_basis('bases.', 'segments', 'laws') }} as service
    from bases
    cross join laws
    left join segments
        on
            segments.terms = 'then'
            and bases.segment = segments.segment
    left join factors
        on
            factors.terms = 'then'
            and {{ band_of_basis('bases.') }} = factors.frequency_band

),

worth as (

    select
        priced.customer_id,
        priced.basis,
        {{ value_of_basis(
            'scores.expected_orders_12m', 'priced.margin', 'priced.service'
        ) }} as net_clv_12m
    from priced_changes as priced
    left join {{ source('scores', 'previous_scores') }} as scores
        on
            scores.as_of = {{ as_of() }}
            and {{ scores_of_basis('scores', 'priced.', as_of()) }}

),

valued_changes as (

    select
        {%- for basis in changes %}
        max(case when basis = '{{ basis }}' then net_clv_12m end) as value_{{ basis }},
        {%- endfor %}
        customer_id
    from worth
    group by customer_id

),

priced_people as {{ computed_once() }} (

    select
        people.customer_id,
        {%- for side in ['then', 'now'] %}
        {%- for column in history %}
        people.{{ side }}_{{ column }},
        {%- endfor %}
        {%- endfor %}

        -- null where last night's history, today, has the scores that count
        {%- for column in history %}
        case
            when people.is_unchanged and settings.model = 'then' then null
            else people.now_{{ column }}
        end as other_{{ column }},
        {%- endfor %}

        {{ margin_of_basis('people.then_', 'segments_then', 'factors_then', 'laws', 'laws') }}
            as margin_then,
        {{ service_of_basis('people.then_', 'segments_then', 'laws') }} as service_then,
        {{ margin_of_basis('people.now_', 'segments_now', 'factors_now', 'spend', 'laws') }}
            as margin_now,
        {{ service_of_basis('people.now_', 'segments_now', 'laws') }} as service_now
    from people
    cross join settings
    cross join laws
    inner join spend on settings.model = spend.model
    left join segments as segments_then
        on
            segments_then.terms = 'then'
            and people.then_segment = segments_then.segment
    left join factors as factors_then
        on
            factors_then.terms = 'then'
            and {{ band_of_basis('people.then_') }} = factors_then.frequency_band
    left join segments as segments_now
        on
            settings.terms = segments_now.terms
            and people.now_segment = segments_now.segment
    left join factors as factors_now
        on
            settings.terms = factors_now.terms
            and {{ band_of_basis('people.now_') }} = factors_now.frequency_band

),

-- By whichever model counts on tonight's basis.
scores_now as (

    {%- for model, table in [
        ('then', 'previous_scores'), ('now', 'history_scores')
    ] %}
    select
        scores.frequency,
        scores.recency_days,
        scores.customer_age_days,
        scores.expected_orders_12m
    from {{ source('scores', table) }} as scores
    cross join settings
    where
        scores.as_of = {{ as_of() }}
        and settings.model = '{{ model }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

scored as (

    select
        people.*,
        scores_before.expected_orders_12m as orders_before,
        scores_today.expected_orders_12m as orders_today,
        case
            when people.other_purchase_days is null then scores_today.expected_orders_12m
            else scores_now.expected_orders_12m
        end as orders_now
    from priced_people as people
    cross join previous_night
    left join {{ source('scores', 'previous_scores') }} as scores_before
        on
            scores_before.as_of = {{ as_of() }}
            and {{ scores_of_basis('scores_before', 'people.then_', 'previous_night.as_of') }}
    left join {{ source('scores', 'previous_scores') }} as scores_today
        on
            scores_today.as_of = {{ as_of() }}
            and {{ scores_of_basis('scores_today', 'people.then_', as_of()) }}
    left join scores_now
        on {{ scores_of_basis('scores_now', 'people.other_', as_of()) }}

),

final as (

    select
        scored.customer_id,
        {%- for step, orders in [('before', 'orders_before'), ('time', 'orders_today')] %}
        case
            when scored.then_purchase_days is not null
                then {{ value_of_basis('scored.' ~ orders, 'margin_then', 'service_then') }}
        end as value_{{ step }},
        {%- endfor %}
        {%- for step in changes %}
        valued_changes.value_{{ step }},
        {%- endfor %}
        case
            when settings.model = 'then' and scored.now_purchase_days is not null
                then {{ value_of_basis('scored.orders_now', 'margin_now', 'service_now') }}
        end as value_averages,
        case
            when settings.model = 'now' and scored.now_purchase_days is not null
                then {{ value_of_basis('scored.orders_now', 'margin_now', 'service_now') }}
        end as value_model
    from scored
    cross join settings
    left join valued_changes on scored.customer_id = valued_changes.customer_id

)

select * from final
