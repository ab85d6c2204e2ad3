{{ config(post_hook="{{ analyze() }}") }}

-- What earlier contacts will still weigh on people tomorrow, when tonight's lists go out.

with contacts as (

    select
        customer_id,
        {{ days_between('sent_on', add_days(as_of(), 1)) }} as days_ago
    from {{ ref('int_contacts_made') }}
    where customer_id is not null

),

left_of_them as (

    select
        customer_id,
        sum({{ var('fatigue_fading_days') }} - days_ago) as days_left
    from contacts
    where days_ago < {{ var('fatigue_fading_days') }}
    group by customer_id

),

pressure as (

    select
        customer_id,
        {{ contact_pressure('days_left') }} as pressure
    from left_of_them

)

select * from pressure
