{#- A tool's events as campaign_contacts: a row per campaign and person, with the gravest thing that
    happened. An address of several people is the one on the list it was sent to, else the first. A
    contact with nobody we know has no customer_id and keeps its row. -#}
{% macro reported_contacts(system) -%}
    {%- set gravest_last = [
        'sent', 'delivered', 'opened', 'clicked', 'bounced', 'unsubscribed', 'complained',
    ] -%}
    with people as (

        {{ regulars.reported_people(system) }}

    ),

    listed as (

        select distinct
            list_code,
            customer_id
        from {{ source('decisions', 'effective_list_members') }}
        where
            as_of < {{ regulars.as_of() }}
            and arm = 'treat'

    ),

    told as (

        select
            people.*,
            coalesce(people.account_id, people.said_as) as whom,
            case when listed.customer_id is null then 1 else 0 end as is_not_listed,
            case people.event
                {%- for event in gravest_last %}
                when '{{ event }}' then {{ loop.index }}
                {%- endfor %}
            end as gravity
        from people
        left join listed
            on
                people.list_code = listed.list_code
                and people.customer_id = listed.customer_id

    ),

    ranked as (

        select
            told.*,
            coalesce(customer_id, whom) as person,
            dense_rank() over (
                partition by campaign_id, whom
                order by
                    is_not_listed asc nulls last,
                    {{ regulars.text_order('customer_id') }} asc nulls last
            ) as choice
        from told

    ),

    contacts as (

        select
            campaign_id,
            person,
            customer_id,
            max(list_code) as list_code,
            max(channel) as channel,
            coalesce(min(happened_at), {{ regulars.local_to_utc('min(delivered_on)') }}) as sent_at,
            max(gravity) as gravity,
            min(delivered_on) as delivered_on,
            min(delivery_id) as delivery_id,
            min(line) as line
        from ranked
        where choice = 1
        group by campaign_id, person, customer_id

    ),

    -- no address may be read from a contact's id
    numbered as (

        select
            contacts.*,
            row_number() over (
                partition by campaign_id, customer_id
                order by {{ regulars.text_order('person') }} asc nulls last
            ) as place
        from contacts

    )

    select
        '{{ system }}:' || campaign_id || ':'
        || coalesce(customer_id, 'nobody-' || {{ regulars.text_of('place') }}) as contact_id,
        list_code,
        customer_id,
        channel,
        sent_at,
        case gravity
            {%- for event in gravest_last %}
            when {{ loop.index }} then '{{ event }}'
            {%- endfor %}
        end as outcome,
        delivered_on,
        delivery_id,
        line
    from numbered
{%- endmacro %}
