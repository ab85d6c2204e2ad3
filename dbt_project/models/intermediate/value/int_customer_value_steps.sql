{%- set costs = ['goods_margin', 'ordinary_cost'] %}

-- Each customer's value from last night to tonight, a step a cause: always the same formula, and at
-- each step one more of its arguments is tonight's. A step at which nothing changes for a person
-- has no row; the last one is tonight's value itself. What an order leaves does not depend on the
-- day: it is worked out once for a basis, on whatever days that is looked at.
--
-- `terms` says whose averages of countries and frequency bands count, `model` whose purchase and
-- spend models: those of `then` or of `now`.
with previous_night as (

    select as_of from {{ ref('int_previous_night') }}

),

settings as (

    select count(*) > 0 as have_changed
    from {{ ref('int_changed_assumptions') }}
    where term = 'assumption'

),

before as (

    select * from {{ ref('int_customer_value_inputs_before') }}

),

-- Where an assumption has changed, so have the costs of people of whom nothing was delivered: they
-- wait for the last step.
tonight as (

    select
        inputs.customer_id,
        {%- for column in value_input_columns() if column not in costs %}
        inputs.{{ column }},
        {%- endfor %}
        {%- for column in costs %}
        case
            when
                settings.have_changed
                and inputs.first_purchase_on = before.first_purchase_on
                and inputs.last_purchase_on = before.last_purchase_on
                and inputs.purchase_days = before.purchase_days
                and inputs.valued_purchase_days = before.valued_purchase_days
                and inputs.net_sales = before.net_sales
                then before.{{ column }}
            else inputs.{{ column }}
        end as {{ column }},
        {%- endfor %}
        settings.have_changed
    from {{ ref('int_customer_value_inputs') }} as inputs
    cross join settings
    left join before on inputs.customer_id = before.customer_id
    where inputs.purchase_days > 0

),

changed as (

    select
        changes.customer_id,
        changes.is_known,
        changes.segment,
        before.customer_id is null as is_new,
        coalesce(before.ordinary_cost, 0) as ordinary_cost_before,
        {%- for column in purchase_input_columns() %}
        tonight.{{ column }} as {{ column }}_now,
        case
            when corrected.customer_id is null then tonight.{{ column }}
            else corrected.{{ column }}
        end as {{ column }}_corrected,
        {%- endfor %}
        tonight.ordinary_cost as ordinary_cost_now
    from {{ ref('customer_value_input_changes') }} as changes
    left join before on changes.customer_id = before.customer_id
    left join tonight on changes.customer_id = tonight.customer_id
    left join {{ ref('int_customer_value_inputs_corrected') }} as corrected
        on changes.customer_id = corrected.customer_id

),

bases as (

    select
        'before' as basis,
        'then' as terms,
        'then' as model,
        {%- for column in value_input_columns() %}
        before.{{ column }},
        {%- endfor %}
        before.customer_id
    from before
    cross join previous_night
    union all

    -- who is no longer known has nothing from here on
    {%- for basis, purchases, service, condition in [
        ('corrections', 'corrected', 'before', 'not changed.is_new'),
        ('purchases', 'now', 'before', 'changed.is_known'),
        ('service', 'now', 'now', 'changed.is_known'),
    ] %}
    select
        '{{ basis }}' as basis,
        'then' as terms,
        'then' as model,
        changed.segment,
        {%- for column in purchase_input_columns() %}
        changed.{{ column }}_{{ purchases }},
        {%- endfor %}
        changed.ordinary_cost_{{ service }},
        changed.customer_id
    from changed
    cross join previous_night
    where {{ condition }}
    union all
    {%- endfor %}

    {%- for basis, terms, model, condition in [
        ('averages', 'now', 'then', 'not tonight.have_changed'),
        ('model', 'then', 'now', 'tonight.have_changed'),
    ] %}
    select
        '{{ basis }}' as basis,
        '{{ terms }}' as terms,
        '{{ model }}' as model,
        {%- for column in value_input_columns() %}
        tonight.{{ column }},
        {%- endfor %}
        tonight.customer_id
    from tonight
    cross join previous_night
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

steps as (

    select
        'before' as step,
        'before' as basis,
        as_of as on_day
    from previous_night
    {%- for step in bridge_parts()[:-1] %}
    union all
    select
        '{{ step }}' as step,
        '{{ 'before' if step == 'time' else step }}' as basis,
        {{ as_of() }} as on_day
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

scores as (

    {%- for model, table in [('then', 'previous_scores'), ('now', 'history_scores')] %}
    select
        '{{ model }}' as model,
        frequency,
        recency_days,
        customer_age_days,
        expected_orders_12m
    from {{ source('scores', table) }}
    where as_of = {{ as_of() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

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

explained as (

    select
        bases.customer_id,
        bases.basis,
        bases.model,
        bases.first_purchase_on,
        bases.last_purchase_on,
        bases.purchase_days,
        {{ expected_spend(
            purchase_days='bases.valued_purchase_days',
            total='coalesce(bases.valued_purchase_days * '
            ~ monetary_value('bases.net_sales', 'bases.valued_purchase_days') ~ ', 0)',
        ) }} as modelled_order_value,
        factors.spend_factor,
        {{ monetary_value('bases.net_sales', 'bases.valued_purchase_days') }} as monetary_value,
        segments.usual_order_value,
        {{ own_margin_rate(
            goods_margin='bases.goods_margin',
            net_sales='bases.net_sales',
            valued_purchase_days='bases.valued_purchase_days',
            prior='segments.margin_rate',
            credibility='laws.margin_rate_credibility',
        ) }} as margin_rate,
        {{ own_variable_cost('segments.variable_cost') }} as variable_cost,
        {{ own_service_cost(
            ordinary_cost='bases.ordinary_cost',
            purchase_days='bases.purchase_days',
            prior='segments.ordinary_cost',
            failure_cost='segments.failure_cost',
            credibility='laws.service_credibility_purchases',
        ) }} as service_cost
    from bases
    cross join laws
    inner join spend on bases.model = spend.model
    left join segments
        on
            bases.terms = segments.terms
            and bases.segment = segments.segment
    left join factors
        on
            bases.terms = factors.terms
            and cast({{ frequency_band('bases.purchase_days - 1') }} as {{ dbt.type_string() }})
            = factors.frequency_band

),

ordered as (

    select
        explained.*,
        {{ expected_order_value(
            modelled='modelled_order_value',
            spend_factor='spend_factor',
            monetary_value='monetary_value',
            usual_value='usual_order_value',
        ) }} as order_value
    from explained

),

priced as {{ computed_once() }} (

    select
        customer_id,
        basis,
        model,
        purchase_days - 1 as frequency,
        {{ days_between('first_purchase_on', 'last_purchase_on') }} as recency_days,
        first_purchase_on,
        {{ margin_per_order('order_value', 'margin_rate', 'variable_cost') }} as margin_per_order,
        service_cost
    from ordered

),

valued as (

    select
        priced.customer_id,
        steps.step,
        cast(
            coalesce({{ net_value(
                orders='scores.expected_orders_12m',
                margin_per_order='priced.margin_per_order',
                service_per_order='priced.service_cost',
            ) }}, 0) as numeric(14, 2)
        ) as net_clv_12m
    from priced
    inner join steps on priced.basis = steps.basis
    -- the text last: where the rows are sorted for it, it is compared least
    left join scores
        on
            priced.frequency = scores.frequency
            and priced.recency_days = scores.recency_days
            and {{ days_between('priced.first_purchase_on', 'steps.on_day') }}
            = scores.customer_age_days
            and priced.model = scores.model

)

select * from valued
