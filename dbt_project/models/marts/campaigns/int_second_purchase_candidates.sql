-- Everybody who bought on one day only, and which of them stand where a nudge can still help.

with customers as (

    select
        dim.customer_id,
        dim.relationship_status,
        dim.orders_count,
        {{ days_between('dim.first_purchase_on', as_of()) }} as days_since_first
    from {{ ref('dim_customers') }} as dim
    where dim.relationship_status in ('trial', 'returned_trial')

),

bounds as (

    select * from {{ ref('int_second_purchase_bounds') }}

),

rules as (

    select * from {{ ref('campaign_rules') }}

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

joined as (

    select
        customers.customer_id,
        customers.relationship_status,
        customers.orders_count,
        customers.days_since_first,
        bounds.t_50,
        bounds.t_90,
        bounds.is_from_curve,
        rules.second_purchase_horizon_days,
        odds.p_second,
        categories.category as first_category,
        -- what one more order leaves: its margin less what it costs to send and take back
        cast(
            customer_values.expected_order_value * economics.margin_rate
            - economics.variable_cost_per_order
            as numeric(18, 6)
        ) as value_if_it_happens,
        customer_values.value_if_kept_12m
    from customers
    cross join bounds
    cross join rules
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
        'second_purchase' as list_code,
        customer_id,
        case
            when relationship_status = 'returned_trial' then 'returned_first_order'
            when days_since_first < t_50 then 'too_early'
            when days_since_first > t_90 then 'too_late'
        end as ineligible_code,
        case
            when relationship_status = 'returned_trial'
                then 'sent back everything they bought'
            when days_since_first < t_50
                then
                    'first order ' || {{ counted('days_since_first', 'day') }}
                    || ' ago; ' || case
                        when is_from_curve
                            then
                                'half of those who return do so by day '
                                || {{ text_of('t_50') }} || ' on their own'
                        else
                            'too early before day ' || {{ text_of('t_50') }}
                            || ', as assumed until enough people have returned'
                    end
            when days_since_first > t_90
                then
                    'first order ' || {{ counted('days_since_first', 'day') }}
                    || ' ago; ' || case
                        when is_from_curve
                            then
                                'nine in ten of those who return have done so by day '
                                || {{ text_of('t_90') }}
                        else
                            'too late after day ' || {{ text_of('t_90') }}
                            || ', as assumed until enough people have returned'
                    end
        end as ineligible_reason,
        cast(p_second * value_if_it_happens as numeric(18, 6)) as score,
        value_if_it_happens as tie_break_value,
        -- never more than a year of a kept customer leaves after service
        cast(
            least(p_second * value_if_it_happens, greatest(value_if_kept_12m, 0))
            as numeric(18, 6)
        ) as value_at_stake,
        case
            when orders_count > 1
                then 'bought ' || {{ text_of('orders_count') }} || ' times on one day, '
            else 'bought once, '
        end || {{ counted('days_since_first', 'day') }} || ' ago, and not since' as reason_1,
        case
            when is_from_curve
                then
                    'of those who come back within a year, half have by day '
                    || {{ text_of('t_50') }} || ' and nine in ten by day ' || {{ text_of('t_90') }}
            else
                'day ' || {{ text_of('t_50') }} || ' to day ' || {{ text_of('t_90') }}
                || ' is assumed to be the time to ask: too few have come back yet to know'
        end as reason_2,
        {{ in_100('p_second') }} || ' at this point order again within '
        || {{ counted('second_purchase_horizon_days', 'day') }} as reason_3,
        case
            when first_category is null
                then 'Ask how the first purchase is working out, and show what goes with it'
            else
                'Ask how the first purchase ('
                || replace(lower(first_category), '_', ' ')
                || ') is working out, and show what goes with it'
        end as suggested_action,
        first_category,
        days_since_first,
        p_second
    from joined

)

select * from candidates
