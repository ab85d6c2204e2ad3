{#- A tool's bounces, unsubscribes and complaints as permission_events: of everybody the address
    belongs to; of nobody we know, under the address as the tool wrote it, until somebody has it. -#}
{% macro reported_noes(system) -%}
    with people as (

        {{ regulars.reported_people(system) }}

    )

    select
        case event
            when 'bounced' then 'bounce'
            when 'unsubscribed' then 'opt_out'
            when 'complained' then 'complaint'
        end as kind,
        coalesce(customer_id, address) as customer_id,
        event_id as reference,
        channel,
        cast(null as {{ dbt.type_string() }}) as purpose,
        cast(null as {{ dbt.type_string() }}) as source,
        happened_at,
        true as is_no,
        delivered_on,
        delivery_id,
        line
    from people
    where event in ('bounced', 'unsubscribed', 'complained')
{%- endmacro %}
