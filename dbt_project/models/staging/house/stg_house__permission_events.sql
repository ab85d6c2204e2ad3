{{ config(schema="pii") }}

-- What was ever said about being contacted, row by row as delivered: a later version of a row
-- takes nothing back.

with consents as (

    {{ ever_delivered('house', 'consents') }}

),

campaign_contacts as (

    {{ ever_delivered('house', 'campaign_contacts') }}

),

deaths as (

    {{ ever_delivered('house', 'deaths') }}

),

erasure_requests as (

    {{ ever_delivered('house', 'erasure_requests') }}

),

unioned as (

    select
        'consent' as kind,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as reference,
        channel,
        purpose,
        source,
        changed_at as happened_at,
        not coalesce(is_granted, false) as is_no,
        _delivered_on as delivered_on,
        _delivery_id as delivery_id,
        _line as line
    from consents

    union all

    select
        case outcome
            when 'bounced' then 'bounce'
            when 'unsubscribed' then 'opt_out'
            when 'complained' then 'complaint'
        end as kind,
        customer_id,
        contact_id as reference,
        channel,
        cast(null as {{ dbt.type_string() }}) as purpose,
        cast(null as {{ dbt.type_string() }}) as source,
        sent_at as happened_at,
        true as is_no,
        _delivered_on as delivered_on,
        _delivery_id as delivery_id,
        _line as line
    from campaign_contacts
    where outcome in ('bounced', 'unsubscribed', 'complained')

    union all

    select
        'death' as kind,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as reference,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as purpose,
        cast(null as {{ dbt.type_string() }}) as source,
        reported_at as happened_at,
        not coalesce(is_withdrawn, false) as is_no,
        _delivered_on as delivered_on,
        _delivery_id as delivery_id,
        _line as line
    from deaths

    union all

    select
        'erasure' as kind,
        customer_id,
        request_id as reference,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as purpose,
        cast(null as {{ dbt.type_string() }}) as source,
        requested_at as happened_at,
        not coalesce(is_withdrawn, false) as is_no,
        _delivered_on as delivered_on,
        _delivery_id as delivery_id,
        _line as line
    from erasure_requests

)

select * from unioned
