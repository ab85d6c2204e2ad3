-- People to be left in peace by all marketing: at their limit, tired of messages, or upset.
{%- set look_back_days = list_threshold('rest', 'look_back_days') %}
{%- set unopened_messages = list_threshold('rest', 'unopened_messages') %}
{%- set complaint_days = list_threshold('rest', 'complaint_days') %}

with complaints as (

    select
        customer_id,
        max(opened_on) as complained_on
    from {{ ref('fct_service_cases') }}
    where
        kind = 'complaint'
        and {{ days_between('opened_on', as_of()) }} < {{ complaint_days }}
    group by customer_id

),

-- what one more message costs: how readily people as wearied opt out × what they are worth
wearied as (

    select
        people.*,
        coalesce(received.messages, 0) as messages,
        {{ days_between('received.last_sent_on', as_of()) }} as days_since_message,
        {{ days_between('complaints.complained_on', as_of()) }} as days_since_complaint,
        complaints.customer_id is not null as is_upset,
        coalesce(received.unopened, 0) >= {{ unopened_messages }} as is_tired,
        coalesce(households.contacts_in_window, 0) as contacts_in_window,
        rules.contacts_window_days as window_days,
        coalesce(households.contacts_in_window >= rules.contacts_in_window_max, false)
            as is_at_the_limit,
        cast(fatigue.opt_out_share as numeric(9, 6)) as opt_out_share,
        cast(
            fatigue.opt_out_share * greatest(coalesce(people.value_if_kept_12m, 0), 0)
            as numeric(18, 6)
        ) as fatigue_cost
    from {{ ref('int_customers_described') }} as people
    cross join {{ ref('campaign_rules') }} as rules
    left join {{ ref('int_contact_pressure') }} as pressures
        on people.customer_id = pressures.customer_id
    left join {{ ref('int_contact_fatigue') }} as fatigue
        on coalesce(pressures.pressure, 0) = fatigue.pressure
    left join {{ ref('int_unopened_messages') }} as received
        on people.customer_id = received.customer_id
    left join complaints on people.customer_id = complaints.customer_id
    left join {{ ref('int_household_contacts') }} as households
        on people.household_id = households.household_id
    where
        received.customer_id is not null
        or complaints.customer_id is not null
        or households.contacts_in_window > 0

)

select
    wearied.*,
    {{ unopened_messages }} as unopened_messages,
    {{ look_back_days }} as look_back_days,
    case when not is_upset and not is_tired and not is_at_the_limit then 'not_tired' end
        as ineligible_code,
    fatigue_cost as score,
    opt_out_share as tie_break_value,
    fatigue_cost as value_at_stake,
    cast(null as numeric(9, 6)) as response_probability,
    case
        when is_upset then 'complained'
        when is_tired then 'unopened'
        else 'at_the_limit'
    end as reason_1_code,
    case
        when is_upset and is_tired then 'unopened'
        when (is_upset or is_tired) and is_at_the_limit then 'at_the_limit'
    end as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    'rest' as action_code
from wearied
