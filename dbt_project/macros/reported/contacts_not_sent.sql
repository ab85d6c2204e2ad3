{#- What a tool reports of a list in 30 days, of somebody whom it was not sent to, as rows of
    night_holds: of nobody we know, of people held out, or not on that list. A night whose contacts
    are the house's own alone is spared the look into the log. -#}
{% macro contacts_not_sent() -%}
    {%- set tools = regulars.systems_with('campaign_contacts') | reject('equalto', 'house') | list -%}
    {%- if not tools %}
    select
        cast(null as {{ dbt.type_string() }}) as kind,
        cast(null as {{ dbt.type_string() }}) as subject,
        cast(null as bigint) as held_count,
        cast(null as numeric(18, 2)) as amount
    where 1 = 0
    {%- else %}
    with listed as (

        select
            members.list_code,
            coalesce(people.customer_id, members.customer_id) as customer_id,
            members.arm,
            members.as_of
        from {{ source('decisions', 'effective_list_members') }} as members
        left join {{ ref('int_account_people') }} as people
            on members.customer_id = people.account_id
        where
            members.as_of < {{ regulars.as_of() }}
            and {{ regulars.days_between('members.as_of', regulars.as_of()) }} <= 62

    ),

    first_listed as (

        select min(as_of) as as_of from listed

    ),

    told as (

        select
            contacts.contact_id,
            case
                when contacts.customer_id is null then 'nobody'
                when max(case when listed.arm = 'hold' then 1 else 0 end) = 1 then 'held'
                else 'not_listed'
            end as subject,
            max(case when listed.arm = 'treat' then 1 else 0 end) as is_ours
        from {{ ref('fct_campaign_contacts') }} as contacts
        cross join first_listed
        left join listed
            on
                contacts.list_code = listed.list_code
                and contacts.customer_id = listed.customer_id
                and contacts.sent_on >= listed.as_of
                and {{ regulars.days_between('listed.as_of', 'contacts.sent_on') }} <= 31
        where
            contacts.list_code in ('{{ var("lists") | join("', '") }}')
            and contacts.sent_on > first_listed.as_of
            and {{ regulars.days_between('contacts.sent_on', regulars.as_of()) }} < 30
        group by contacts.contact_id, contacts.customer_id

    )

    select
        'contact_not_sent' as kind,
        subject,
        count(*) as held_count,
        cast(null as numeric(18, 2)) as amount
    from told
    where is_ours = 0
    group by subject
    {%- endif %}
{%- endmacro %}
