{{ config(enabled="rest" in var("lists"), materialized="view") }}
{%- set unopened_messages = list_threshold('rest', 'unopened_messages') %}
{%- set complaint_days = list_threshold('rest', 'complaint_days') %}

-- Whom we have contacted lately, or who has complained: whether it was too much, and what one more
-- message costs: how readily people as wearied opt out × what they are worth.

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

select * from wearied
