with contacts as (

    {{ union_systems('campaign_contacts') }}

),

dated as (

    select
        contact_id,
        list_code,
        customer_id,
        channel,
        sent_at,
        {{ local_date('sent_at') }} as sent_on,
        outcome
    from contacts

),

known as (

    select * from dated
    where sent_on <= {{ as_of() }}

)

select * from known
