-- Everybody who bought on one day only, and which of them stand where a nudge can still help.

with customers as (

    select
        dim.customer_id,
        dim.relationship_status,
        dim.orders_count,
        dim.preferred_channel,
        case dim.preferred_channel
            when 'phone' then dim.consent_phone_marketing and dim.has_phone
            when 'post' then dim.consent_post_marketing
        end as agreed_to_preferred,
        {{ days_between('dim.first_purchase_on', as_of()) }} as days_since_first
    from {{ ref('dim_customers') }} as dim
    where dim.relationship_status in ('trial', 'returned_trial')

),

bounds as (

    select * from {{ ref('second_purchase_bounds') }}

),

odds as (

    select * from {{ ref('int_second_purchase_odds') }}

),

customer_values as (

    select * from {{ ref('customer_lifetime_values') }}

),

economics as (

    select * from {{ ref('int_customer_economics') }}

),

-- only for those who may be written to: the rest need no category
first_orders as (

    select
        orders.customer_id,
        orders.order_id
    from {{ ref('fct_orders') }} as orders
    inner join customers
        on orders.customer_id = customers.customer_id
    cross join bounds
    where
        orders.order_seq = 1
        and customers.days_since_first between bounds.t_50 and bounds.t_90

),

categories as (

    select
        first_orders.customer_id,
        lines.category,
        row_number() over (
            partition by first_orders.customer_id
            order by
                sum(lines.net_sales) desc nulls last,
                {{ text_order('lines.category') }} asc nulls last
        ) as place
    from first_orders
    inner join {{ ref('fct_order_lines') }} as lines
        on first_orders.order_id = lines.order_id
    group by first_orders.customer_id, lines.category

),

-- whose no stands, or may stand, in the way of the channel that they prefer
stopped as (

    select distinct customers.customer_id
    from customers
    inner join {{ ref('int_contact_stops') }} as stops
        on
            customers.customer_id = stops.customer_id
            and coalesce(stops.channel, customers.preferred_channel) = customers.preferred_channel
            and coalesce(stops.purpose, 'marketing') = 'marketing'

),

joined as (

    select
        customers.customer_id,
        customers.relationship_status,
        customers.orders_count,
        customers.preferred_channel,
        coalesce(customers.agreed_to_preferred, false) and stopped.customer_id is null
            as is_by_preference,
        customers.days_since_first,
        bounds.t_50,
        bounds.t_90,
        bounds.is_from_curve,
        {{ list_threshold('second_purchase', 'horizon_days') }} as horizon_days,
        odds.p_second,
        categories.category as first_category,
        -- what one more order leaves: its margin less what it costs to send and take back; wide, or
        -- DuckDB keeps what is made of it to 18 digits
        cast(
            customer_values.expected_order_value * economics.margin_rate
            - economics.variable_cost_per_order
            as numeric(24, 6)
        ) as value_if_it_happens,
        customer_values.value_if_kept_12m
    from customers
    cross join bounds
    left join stopped
        on customers.customer_id = stopped.customer_id
    left join odds
        on customers.days_since_first = odds.days_since_first
    left join customer_values
        on customers.customer_id = customer_values.customer_id
    left join economics
        on customers.customer_id = economics.customer_id
    left join categories
        on
            customers.customer_id = categories.customer_id
            and categories.place = 1

),

candidates as (

    select
        customer_id,
        case
            when relationship_status = 'returned_trial' then 'returned_first_order'
            when days_since_first < t_50 and is_from_curve then 'too_early'
            when days_since_first < t_50 then 'too_early_as_assumed'
            when days_since_first > t_90 and is_from_curve then 'too_late'
            when days_since_first > t_90 then 'too_late_as_assumed'
        end as ineligible_code,
        p_second * value_if_it_happens as score,
        value_if_it_happens as tie_break_value,
        -- never more than a year of a kept customer leaves after service
        least(p_second * value_if_it_happens, greatest(value_if_kept_12m, 0)) as value_at_stake,
        p_second as response_probability,
        case
            when orders_count > 1 then 'bought_several_times_on_one_day'
            else 'bought_once'
        end as reason_1_code,
        case when is_from_curve then 'window' else 'window_as_assumed' end as reason_2_code,
        'chance' as reason_3_code,
        case
            when first_category is null then 'thank'
            {%- for category, question in var('category_questions').items() %}
            when lower(first_category) = '{{ category }}' then 'ask_{{ question }}'
            {%- endfor %}
            else 'thank_for_category'
        end
        || case when is_by_preference then '_by_preference' else '' end as action_code,

        ---------- own columns
        first_category,
        days_since_first,
        p_second,

        ---------- facts of the sentences
        orders_count,
        preferred_channel,
        t_50,
        t_90,
        horizon_days
    from joined

)

select * from candidates
