-- Owners of a machine that is still worth something: near its end, or about to be worth less.
{%- set end_days = list_threshold('trade_in', 'end_days') %}
{%- set drop_days = list_threshold('trade_in', 'drop_days') %}
{%- set gap_days = list_threshold('trade_in', 'gap_days') %}

with units as (

    select
        units.customer_id,
        units.unit_id,
        products.name as product_name,
        units.purchased_on,
        units.repairs,
        units.trade_in_value,
        floor({{ months_between('units.purchased_on', as_of()) }} / 12) as years_owned,
        {{ days_between(as_of(), 'units.expected_end_of_life_on') }} as days_until_end
    from {{ ref('fct_units') }} as units
    left join {{ ref('dim_products') }} as products on units.product_id = products.product_id
    where
        units.status = 'owned'
        and units.customer_id <> {{ unknown_customer() }}
        and units.trade_in_value > 0

),

-- the value falls with each completed year
dated as (

    select
        units.*,
        {{ days_between(
            as_of(), add_months('purchased_on', 'cast((years_owned + 1) * 12 as integer)')
        ) }} as days_until_drop
    from units

),

judged as (

    select
        dated.*,
        case
            when days_until_end < 0 then 'past_its_end'
            when days_until_end <= {{ end_days }} then 'near_its_end'
            when years_owned >= 1 and days_until_drop <= {{ drop_days }} then 'falls_soon'
        end as why_now
    from dated

),

best_first as (

    select
        judged.*,
        row_number() over (
            partition by customer_id
            order by
                case when why_now is null then 1 else 0 end asc,
                trade_in_value desc nulls last,
                {{ text_order('unit_id') }} asc nulls last
        ) as place
    from judged

),

known as (

    select
        best_first.*,
        contacts.last_contact_on as offered_on,
        customer_values.purchase_probability_12m,
        customer_values.expected_order_value * customer_values.margin_rate as order_margin
    from best_first
    left join {{ ref('int_list_contacts') }} as contacts
        on
            best_first.customer_id = contacts.customer_id
            and contacts.list_code = 'trade_in'
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on best_first.customer_id = customer_values.customer_id
    where best_first.place = 1

),

candidates as (

    select
        customer_id,
        case
            when why_now is null then 'not_yet'
            when {{ days_between('offered_on', as_of()) }} < {{ gap_days }} then 'offered'
        end as ineligible_code,
        trade_in_value + coalesce(order_margin, 0) as score,
        trade_in_value as tie_break_value,
        order_margin as value_at_stake,
        purchase_probability_12m as response_probability,
        coalesce(why_now, 'still_good') as reason_1_code,
        'worth' as reason_2_code,
        case when repairs > 0 then 'repaired' end as reason_3_code,
        'offer' as action_code,
        unit_id,
        trade_in_value,

        ---------- facts of the sentences
        coalesce(product_name, 'machine') as product_name,
        cast(round(trade_in_value) as integer) as trade_in_whole,
        '{{ var("reporting_currency") }}' as currency,
        {{ days_between('purchased_on', as_of()) }} as days_since_bought,
        days_until_end,
        days_until_drop,
        repairs,
        offered_on
    from known

)

select * from candidates
