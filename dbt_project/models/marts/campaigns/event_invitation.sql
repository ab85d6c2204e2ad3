-- The best customers who live where something takes place soon.
{%- set first_days = list_threshold('event_invitation', 'first_days') %}

with seated as (

    select
        people.*,
        nearby.event_id,
        nearby.name as event_name,
        nearby.starts_on,
        nearby.days_until_event,
        nearby.capacity,
        {{ place_in_line(
            [
                'people.net_clv_12m desc nulls last',
                'people.days_since_first desc nulls last',
                text_order('people.customer_id') ~ ' asc nulls last',
            ],
            'nearby.event_id, ' ~ is_best_tier('people.value_tier'),
        ) }} as seat_rank
    from {{ ref('int_events_nearby') }} as nearby
    inner join {{ ref('int_customers_described') }} as people
        on nearby.customer_id = people.customer_id
    where people.is_valued

)

select
    guests.*,
    contacts.last_contact_on as invited_on,
    case
        when not {{ is_best_tier('guests.value_tier') }} then 'not_among_the_best'
        when guests.days_until_event < {{ first_days }} then 'too_late'
        when guests.days_until_event > {{ list_threshold('event_invitation', 'last_days') }}
            then 'not_yet'
        when {{ contacted_within_gap('event_invitation', 'contacts.last_contact_on') }}
            then 'invited'
        when guests.capacity is null then 'seats_unknown'
        when
            guests.seat_rank
            > guests.capacity * {{ list_threshold('event_invitation', 'per_seat') }}
            then 'no_seat'
    end as ineligible_code,
    guests.net_clv_12m as score,
    guests.days_since_first as tie_break_value,
    guests.value_at_risk as value_at_stake,
    guests.purchase_probability_12m as response_probability,
    'in_their_town' as reason_1_code,
    'place' as reason_2_code,
    'known_for' as reason_3_code,
    'invite' as action_code
from seated as guests
left join {{ last_contacts('event_invitation') }} as contacts
    on guests.customer_id = contacts.customer_id
