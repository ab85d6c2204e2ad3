-- The best customers who live where something takes place soon.
{%- set best_tiers = ['platinum', 'gold', 'silver'] %}
{%- set is_best = "in ('" ~ best_tiers | join("', '") ~ "')" %}
{%- set gap_days = list_threshold('event_invitation', 'gap_days') %}

with events as (

    select
        events.*,
        {{ town('events.country', 'events.city') }} as town,
        {{ days_between(as_of(), 'events.starts_on') }} as days_until_event
    from {{ ref('fct_events') }} as events
    where
        events.is_upcoming
        and events.starts_on <= {{ add_days(as_of(), 90) }}

),

-- one event a person: the first that there is still time for
nearby as (

    select
        homes.customer_id,
        events.*,
        row_number() over (
            partition by homes.customer_id
            order by
                case
                    when
                        events.days_until_event
                        >= {{ list_threshold('event_invitation', 'first_days') }}
                        then 0
                    else 1
                end asc,
                events.starts_on asc nulls last,
                {{ text_order('events.event_id') }} asc nulls last
        ) as place
    from events
    inner join {{ ref('customer_homes') }} as homes on events.town = homes.town

),

guests as (

    select
        nearby.*,
        customers.orders_count,
        {{ days_between('customers.first_purchase_on', as_of()) }} as days_since_first,
        contacts.last_contact_on as invited_on,
        customer_values.value_tier,
        customer_values.value_at_risk,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m
    from nearby
    inner join {{ ref('dim_customers') }} as customers
        on nearby.customer_id = customers.customer_id
    inner join {{ ref('customer_lifetime_values') }} as customer_values
        on nearby.customer_id = customer_values.customer_id
    left join {{ ref('int_list_contacts') }} as contacts
        on
            nearby.customer_id = contacts.customer_id
            and contacts.list_code = 'event_invitation'
    where nearby.place = 1

),

seated as (

    select
        guests.*,
        row_number() over (
            partition by event_id, value_tier {{ is_best }}
            order by
                net_clv_12m desc nulls last,
                days_since_first desc nulls last,
                {{ text_order('customer_id') }} asc nulls last
        ) as seat_rank
    from guests

),

candidates as (

    select
        customer_id,
        case
            when value_tier not {{ is_best }} then 'not_among_the_best'
            when days_until_event < {{ list_threshold('event_invitation', 'first_days') }}
                then 'too_late'
            when days_until_event > {{ list_threshold('event_invitation', 'last_days') }}
                then 'not_yet'
            when {{ days_between('invited_on', as_of()) }} < {{ gap_days }} then 'invited'
            when seat_rank > capacity * {{ list_threshold('event_invitation', 'per_seat') }}
                then 'no_seat'
        end as ineligible_code,
        net_clv_12m as score,
        days_since_first as tie_break_value,
        value_at_risk as value_at_stake,
        purchase_probability_12m as response_probability,
        'in_their_town' as reason_1_code,
        'place' as reason_2_code,
        'known_for' as reason_3_code,
        'invite' as action_code,
        event_id,
        seat_rank,

        ---------- facts of the sentences
        name as event_name,
        starts_on,
        days_until_event,
        capacity,
        orders_count,
        days_since_first,
        invited_on
    from seated

)

select * from candidates
