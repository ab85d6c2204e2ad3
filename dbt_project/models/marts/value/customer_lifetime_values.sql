{%- set text = dbt.type_string() %}
{%- set money = 'numeric(14, 2)' %}

with scored as (

    select * from {{ ref('int_customers_scored') }}

),

purchases as (

    select
        customer_id,
        historic_margin
    from {{ ref('int_customer_purchases') }}

),

ranges as (

    select * from {{ ref('int_customer_value_ranges') }}

),

bounds as (

    select * from {{ ref('second_purchase_bounds') }}

),

before as (

    select * from {{ ref('int_customer_states_before') }}

),

valued as (

    select
        scored.*,
        purchases.historic_margin,
        {{ of_orders('scored.expected_orders_12m', 'scored.margin_per_order') }}
            as expected_margin_12m,
        {{ of_orders('scored.expected_orders_12m', 'scored.service_per_order') }}
            as cost_to_serve_12m,
        scored.margin_per_order - scored.service_per_order as net_per_order
    from scored
    inner join purchases on scored.customer_id = purchases.customer_id

),

netted as (

    select
        valued.*,
        cast(
            {{ net_value('expected_orders_12m', 'margin_per_order', 'service_per_order') }}
            as {{ money }}
        ) as net_clv_12m,
        {{ of_orders('discounted_expected_orders', 'net_per_order') }} as net_clv_lifetime,
        {{ of_orders('expected_orders_if_active_12m', 'net_per_order') }} as value_if_active_12m,
        {{ of_orders('expected_orders_if_kept_12m', 'net_per_order') }} as value_if_kept_12m,
        cast(
            probability_alive
            * (expected_orders_if_kept_12m - expected_orders_if_active_12m)
            * net_per_order
            as {{ money }}
        ) as value_at_risk,
        cast(
            (1 - probability_alive) * expected_orders_if_active_12m * net_per_order
            as {{ money }}
        ) as value_gone
    from valued

),

-- By id and value alone, and read apart: to sort, or to keep for a second reader, all columns of
-- everybody takes several times as long.
places as (

    select
        scored.customer_id,
        row_number() over (
            order by
                {{ net_value(
                    'scored.expected_orders_12m',
                    'scored.margin_per_order',
                    'scored.service_per_order',
                ) }} desc nulls last,
                {{ text_order('scored.customer_id') }} asc nulls last
        ) as place
    from {{ ref('int_customers_scored') }} as scored

),

company as (

    select count(*) as people from {{ ref('int_customers_scored') }}

),

ranked as (

    select
        netted.*,
        {%- for name in ['value', 'net_sales', 'orders'] %}
        {%- for level in ['p10', 'p50', 'p90'] %}
        ranges.{{ name }}_given_purchase_{{ level }},
        {%- endfor %}
        ranges.{{ name }}_p90,
        {%- endfor %}
        {{ shared_sentence('ranges.note_code', 'value_notes', ['loses_on_goods', 'costly']) }}
            as value_note,
        places.place,
        company.people
    from netted
    cross join company
    inner join places on netted.customer_id = places.customer_id
    left join ranges on netted.customer_id = ranges.customer_id

),

named as (

    select
        ranked.*,
        case
            when ranked.purchase_days = 1
                then
                    case
                        when ranked.days_since_last < bounds.t_10 then 'trial_new'
                        when ranked.days_since_last < bounds.t_50 then 'trial_open'
                        when ranked.days_since_last <= bounds.t_90 then 'trial_due'
                        else 'trial_late'
                    end
            {%- for status, least in var('lifecycle_thresholds').items() %}
            when ranked.purchase_probability_12m >= {{ least }} then '{{ status }}'
            {%- endfor %}
            when ranked.purchase_probability_12m is not null then 'lost'
        end as lifecycle_status,
        {{ tier_of_place('ranked.place', 'ranked.people') }} as value_tier_tonight
    from ranked
    cross join bounds

),

tiered as (

    select
        named.*,
        {{ held_tier(
            'named.value_tier_tonight', 'before.value_tier', 'before.tier_below_since'
        ) }} as value_tier
    from named
    left join before on named.customer_id = before.customer_id

),

final as (

    select
        customer_id,

        ---------- so far
        cast(historic_margin as {{ money }}) as historic_margin,

        ---------- chances
        cast(probability_alive as numeric(18, 6)) as probability_alive,
        cast(purchase_probability_12m as numeric(18, 6)) as purchase_probability_12m,
        cast(churn_probability_12m as numeric(18, 6)) as churn_probability_12m,

        ---------- expectations
        cast(expected_orders_12m as numeric(18, 6)) as expected_orders_12m,
        cast(expected_order_value as {{ money }}) as expected_order_value,
        cast(spend_factor as numeric(8, 4)) as spend_factor,
        margin_rate,
        expected_margin_12m,
        cost_to_serve_12m,

        ---------- next order
        {{ add_days(as_of(), 'next_order_days_p50') }} as expected_next_order_on,
        {{ add_days(as_of(), 'next_order_days_p20') }} as next_order_window_starts_on,
        {{ add_days(as_of(), 'next_order_days_p80') }} as next_order_window_ends_on,

        ---------- values
        net_clv_12m,
        net_clv_lifetime,
        value_if_active_12m,
        value_if_kept_12m,
        value_at_risk,
        value_gone,

        ---------- ranges
        {%- for name in ['value', 'net_sales', 'orders'] %}
        {%- for level in ['p10', 'p50', 'p90'] %}
        {{ name }}_given_purchase_{{ level }},
        {%- endfor %}
        {{ name }}_p90,
        {%- endfor %}

        ---------- in words
        lifecycle_status,
        value_tier,
        value_tier_tonight,
        cast(
            {{ concat_text([
                'purchase_model',
                "case when modelled_order_value is null then ', own mean' "
                ~ "else ', gamma_gamma' end",
            ]) }} as {{ text }}
        ) as model,
        cast(model_version as {{ text }}) as model_version,
        cast(value_note as {{ text }}) as value_note
    from tiered

)

select * from final
