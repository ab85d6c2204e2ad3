-- The best customers with a birthday, or a day of their own, within the days ahead.

with near as (

    select
        people.*,
        {{ earlier_of('birthdays.kept_on', 'anniversaries.kept_on') }} as occasion_on,
        case
            when birthdays.kept_on <= anniversaries.kept_on or anniversaries.kept_on is null
                then 'birthday'
            else 'anniversary'
        end as occasion
    from {{ ref('int_customers_described') }} as people
    left join {{ ref('int_month_days_ahead') }} as birthdays
        on people.birthday_month_day = birthdays.month_day
    left join {{ ref('int_month_days_ahead') }} as anniversaries
        on people.anniversary_month_day = anniversaries.month_day
    where
        people.is_valued
        and (birthdays.kept_on is not null or anniversaries.kept_on is not null)

)

select
    people.*,
    {{ days_between(as_of(), 'people.occasion_on') }} as days_until,
    contacts.last_contact_on as greeted_on,
    {{ var('value_tiers').silver }} as top_in_100,
    {{ best_in_100('people.value_tier_tonight') }} as best_in_100,
    case
        when {{ contacted_within_gap('birthday_anniversary', 'contacts.last_contact_on') }}
            then 'greeted'
        when {{ is_best_tier('people.value_tier') }} then null
        else 'not_among_the_best'
    end as ineligible_code,
    people.net_clv_12m as score,
    people.value_at_risk as tie_break_value,
    people.value_at_risk as value_at_stake,
    people.purchase_probability_12m as response_probability,
    'day_is_near' as reason_1_code,
    'known_for' as reason_2_code,
    case when {{ is_best_tier('people.value_tier_tonight') }} then 'best' end as reason_3_code,
    case people.occasion when 'birthday' then 'greet_birthday' else 'greet_anniversary' end
        as action_code
from near as people
left join {{ last_contacts('birthday_anniversary') }} as contacts
    on people.customer_id = contacts.customer_id
