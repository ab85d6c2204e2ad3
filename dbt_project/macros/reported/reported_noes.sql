{#- A tool's bounces, unsubscribes and complaints as permission_events: of everybody the address
    belongs to; of nobody we know, under the address as the tool wrote it, until somebody has it.
    Where the tool knows our id as well, an unsubscribe and a complaint are of that account and of
    everybody who has or had the address: the id may be stale, and it was said there. A bounce is of
    the address alone where somebody has or had it. -#}
{% macro reported_noes(system) -%}
    with people as (

        {{ regulars.reported_people(system) }}

    ),

    at_the_address as (

        select
            events.event,
            events.account_id,
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
        where events.account_id is not null

    ),

    bounced_elsewhere as (

        select
            delivery_id,
            line
        from at_the_address
        where event = 'bounced'
        group by
            delivery_id,
            line
        having max(case when customer_id = account_id then 1 else 0 end) = 0

    ),

    said as (

        select
            people.event,
            coalesce(people.customer_id, people.address) as customer_id,
            people.event_id,
            people.channel,
            people.happened_at,
            people.delivered_on,
            people.delivery_id,
            people.line
        from people
        left join bounced_elsewhere
            on
                people.delivery_id = bounced_elsewhere.delivery_id
                and people.line = bounced_elsewhere.line
        where bounced_elsewhere.line is null

        union

        select
            at_the_address.event,
            at_the_address.customer_id,
            at_the_address.event_id,
            at_the_address.channel,
            at_the_address.happened_at,
            at_the_address.delivered_on,
            at_the_address.delivery_id,
            at_the_address.line
        from at_the_address
        left join bounced_elsewhere
            on
                at_the_address.delivery_id = bounced_elsewhere.delivery_id
                and at_the_address.line = bounced_elsewhere.line
        where
            at_the_address.event in ('unsubscribed', 'complained')
            or bounced_elsewhere.line is not null

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
