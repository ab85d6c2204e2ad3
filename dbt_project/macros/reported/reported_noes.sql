{#- A tool's bounces, unsubscribes and complaints as permission_events: of everybody the address
    belongs to; of nobody we know, under the address as the tool wrote it, until somebody has it.
    Where the tool knows our id as well, an unsubscribe and a complaint are of that account and of
    everybody who has or had the address: the id may be stale, and it was said there. -#}
{% macro reported_noes(system) -%}
    with people as (

        {{ regulars.reported_people(system) }}

    ),

    also_at_the_address as (

        select
            events.event,
            owners.customer_id,
            events.event_id,
            events.channel,
            events.happened_at,
            events.delivered_on,
            events.delivery_id,
            events.line
        from {{ ref('base_' ~ system ~ '__events') }} as events
        inner join {{ source('personal', 'normal_forms') }} as forms
            on
                events.address = forms.original
                and forms.country = ''
                and forms.kind = case events.channel when 'email' then 'email' else 'phone' end
        inner join {{ ref('customer_addresses') }} as owners
            on
                forms.normal = owners.address
                and forms.kind = owners.channel
        where
            events.account_id <> owners.customer_id
            and events.event in ('unsubscribed', 'complained')

    ),

    said as (

        select
            event,
            coalesce(customer_id, address) as customer_id,
            event_id,
            channel,
            happened_at,
            delivered_on,
            delivery_id,
            line
        from people

        union all

        select * from also_at_the_address

    )

    select
        case event
            when 'bounced' then 'bounce'
            when 'unsubscribed' then 'opt_out'
            when 'complained' then 'complaint'
        end as kind,
        customer_id,
        event_id as reference,
        channel,
        cast(null as {{ dbt.type_string() }}) as purpose,
        cast(null as {{ dbt.type_string() }}) as source,
        happened_at,
        true as is_no,
        delivered_on,
        delivery_id,
        line
    from said
    where event in ('bounced', 'unsubscribed', 'complained')
{%- endmacro %}
