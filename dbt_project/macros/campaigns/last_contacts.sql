{#- When people were last reached for a list: a row per customer_id with last_contact_on
    and last_contact_at. -#}
{% macro last_contacts(list_code) -%}
    (
        select
            customer_id,
            last_contact_on,
            last_contact_at
        from {{ ref('int_list_contacts') }}
        where list_code = '{{ list_code }}'
    )
{%- endmacro %}

{#- Whether a day lies fewer days back than the list's threshold `gap_days`; null of no day. -#}
{% macro contacted_within_gap(list_code, day) -%}
    {{ regulars.days_between(day, regulars.as_of()) }}
    < {{ regulars.list_threshold(list_code, 'gap_days') }}
{%- endmacro %}
