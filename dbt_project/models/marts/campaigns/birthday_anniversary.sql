-- The best customers with a birthday, or a day of their own, within the days ahead.
{%- set days_ahead = list_threshold('birthday_anniversary', 'days_ahead') %}
{%- set tiers = var('value_tiers') %}
{%- set best_tiers = ['platinum', 'gold', 'silver'] %}
{%- set is_best = "in ('" ~ best_tiers | join("', '") ~ "')" %}
{%- set gap_days = list_threshold('birthday_anniversary', 'gap_days') %}

with coming_days as (

    {% for number in range(days_ahead + 1) -%}
    select
        {{ number }} as days_until,
        {{ add_days(as_of(), number) }} as kept_on
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- in a year without it, 29 February is kept on the 28th
month_days as (

    select
        days_until,
        kept_on,
        {{ month_day('kept_on') }} as month_day
    from coming_days

    union all

    select
        days_until,
        kept_on,
        '02-29' as month_day
    from coming_days
    where
        {{ month_day('kept_on') }} = '02-28'
        and {{ month_day(add_days('kept_on', 1)) }} = '03-01'

),

occasions as (

    select
        customers.customer_id,
        'birthday' as occasion,
        month_days.kept_on,
        month_days.days_until
    from {{ ref('dim_customers') }} as customers
    inner join month_days on customers.birthday_month_day = month_days.month_day

    union all

    select
        customers.customer_id,
        'anniversary' as occasion,
        month_days.kept_on,
        month_days.days_until
    from {{ ref('dim_customers') }} as customers
    inner join month_days on customers.anniversary_month_day = month_days.month_day

),

nearest as (

    select
        occasions.*,
        row_number() over (
            partition by customer_id order by days_until asc nulls last, occasion desc nulls last
        ) as place
    from occasions

),

known as (

    select
        nearest.*,
        customers.orders_count,
        {{ days_between('customers.first_purchase_on', as_of()) }} as days_since_first,
        contacts.last_contact_on as greeted_on,
        customer_values.value_tier,
        customer_values.value_tier_tonight,
        customer_values.net_clv_12m,
        customer_values.value_at_risk,
        customer_values.purchase_probability_12m
    from nearest
    inner join {{ ref('dim_customers') }} as customers
        on nearest.customer_id = customers.customer_id
    inner join {{ ref('customer_lifetime_values') }} as customer_values
        on nearest.customer_id = customer_values.customer_id
    left join {{ ref('int_list_contacts') }} as contacts
        on
            nearest.customer_id = contacts.customer_id
            and contacts.list_code = 'birthday_anniversary'
    where nearest.place = 1

),

candidates as (

    select
        customer_id,
        case
            when {{ days_between('greeted_on', as_of()) }} < {{ gap_days }} then 'greeted'
            when value_tier {{ is_best }} then null
            else 'not_among_the_best'
        end as ineligible_code,
        net_clv_12m as score,
        value_at_risk as tie_break_value,
        value_at_risk as value_at_stake,
        purchase_probability_12m as response_probability,
        'day_is_near' as reason_1_code,
        'known_for' as reason_2_code,
        case when value_tier_tonight {{ is_best }} then 'best' end as reason_3_code,
        case occasion when 'birthday' then 'greet_birthday' else 'greet_anniversary' end
            as action_code,
        occasion,
        kept_on as occasion_on,

        ---------- facts of the sentences
        days_until,
        greeted_on,
        orders_count,
        days_since_first,
        {{ tiers.silver }} as top_in_100,
        case value_tier_tonight
            {%- for tier in best_tiers %}
            when '{{ tier }}' then {{ tiers[tier] }}
            {%- endfor %}
        end as best_in_100
    from known

)

select * from candidates
