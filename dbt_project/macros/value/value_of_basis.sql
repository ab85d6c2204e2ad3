{#- Columns of int_customer_value_steps that set last night's inputs beside tonight's: `then_` and
    `now_` before the names of value_input_columns. Where an assumption has changed, so have the
    costs of people of whom nothing was delivered: they wait for the last step. Reads `before`,
    `tonight` and `settings`. -#}
{% macro inputs_of_both_nights() -%}
    {%- set costs = ['goods_margin', 'ordinary_cost'] -%}
    {%- for column in regulars.value_input_columns() -%}
    before.{{ column }} as then_{{ column }},
        {% endfor -%}
    {%- for column in costs -%}
    case
            when
                settings.model = 'now'
                and tonight.first_purchase_on = before.first_purchase_on
                and tonight.last_purchase_on = before.last_purchase_on
                and tonight.purchase_days = before.purchase_days
                and tonight.valued_purchase_days = before.valued_purchase_days
                and tonight.net_sales = before.net_sales
                then before.{{ column }}
            else tonight.{{ column }}
        end as now_{{ column }},
        {% endfor -%}
    {%- for column in regulars.value_input_columns() if column not in costs -%}
    tonight.{{ column }} as now_{{ column }}
        {{- ',' if not loop.last }}
        {% endfor %}
{%- endmacro %}

{#- What an order leaves of whom the columns `inputs` explain (value_input_columns after a prefix
    such as `people.then_`), by the averages of their country, the factor of their frequency band, a
    spend law and its credibility. -#}
{% macro margin_of_basis(inputs, segments, factors, spend, laws) -%}
    {%- set mean = regulars.monetary_value(
        inputs ~ 'net_sales', inputs ~ 'valued_purchase_days'
    ) -%}
    {%- set modelled = regulars.expected_spend(
        purchase_days=inputs ~ 'valued_purchase_days',
        total='coalesce(' ~ inputs ~ 'valued_purchase_days * ' ~ mean ~ ', 0)',
        spend=spend,
    ) -%}
    {{ regulars.margin_per_order(
        order_value=regulars.expected_order_value(
            modelled=modelled,
            spend_factor=factors ~ '.spend_factor',
            monetary_value=mean,
            usual_value=segments ~ '.usual_order_value',
        ),
        margin_rate=regulars.own_margin_rate(
            goods_margin=inputs ~ 'goods_margin',
            net_sales=inputs ~ 'net_sales',
            valued_purchase_days=inputs ~ 'valued_purchase_days',
            prior=segments ~ '.margin_rate',
            credibility=laws ~ '.margin_rate_credibility',
        ),
        variable_cost=regulars.own_variable_cost(segments ~ '.variable_cost'),
    ) }}
{%- endmacro %}

{#- What serving an order of theirs costs. -#}
{% macro service_of_basis(inputs, segments, laws) -%}
    {{ regulars.own_service_cost(
        ordinary_cost=inputs ~ 'ordinary_cost',
        purchase_days=inputs ~ 'purchase_days',
        prior=segments ~ '.ordinary_cost',
        failure_cost=segments ~ '.failure_cost',
        credibility=laws ~ '.service_credibility_purchases',
    ) }}
{%- endmacro %}

{#- What both are worth by the orders expected of their history; nothing where it has no scores. -#}
{% macro value_of_basis(orders, margin, service) -%}
    cast(
        coalesce({{ regulars.net_value(
            orders=orders,
            margin_per_order=margin,
            service_per_order=service,
        ) }}, 0) as numeric(14, 2)
    )
{%- endmacro %}

{#- The condition that joins their history on a day to its scores. -#}
{% macro scores_of_basis(scores, inputs, day) -%}
    {%- set first, last = inputs ~ 'first_purchase_on', inputs ~ 'last_purchase_on' -%}
    {{ inputs }}purchase_days - 1 = {{ scores }}.frequency
            and {{ regulars.days_between(first, last) }} = {{ scores }}.recency_days
            and {{ regulars.days_between(first, day) }}
            = {{ scores }}.customer_age_days
{%- endmacro %}

{#- The frequency band of whom the columns explain, as decisions.value_terms names it. -#}
{% macro band_of_basis(inputs) -%}
    cast({{ regulars.frequency_band(inputs ~ 'purchase_days - 1') }} as {{ dbt.type_string() }})
{%- endmacro %}
