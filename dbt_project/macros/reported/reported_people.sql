{#- Whom a tool's events are about: by our id where the tool has one that somebody has, else everybody
    who has or had that address or number, in its normal form; else, by an id that nobody has, nobody. Reads base_<system>__events; a row per event and
    person, with said_as, the word itself, where nobody is known by it.

    | event_id | customer_id | said_as |
    |----------|-------------|---------|
    | e1       | C000017     |         |
    | e2       |             | a@b.nl  | -#}
{% macro reported_people(system) -%}
    select
        events.*,
        coalesce(accounts.account_id, owners.customer_id, events.account_id) as customer_id,
        coalesce(forms.normal, {{ regulars.lower_case('events.address') }}) as said_as
    from {{ ref('base_' ~ system ~ '__events') }} as events
    left join ({{ regulars.every_account() }}) as accounts on events.account_id = accounts.account_id
    left join {{ source('personal', 'normal_forms') }} as forms
        on
            accounts.account_id is null
            and events.address = forms.original
            and forms.country = ''
            and forms.kind = case events.channel when 'email' then 'email' else 'phone' end
    left join {{ ref('customer_addresses') }} as owners
        on
            forms.normal = owners.address
            and owners.channel = case events.channel when 'email' then 'email' else 'phone' end
{%- endmacro %}
