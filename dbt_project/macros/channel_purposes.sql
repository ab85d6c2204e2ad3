{#- What is asked for on each channel (variable `channel_purposes`), a row each. -#}
{% macro channel_purposes() -%}
    {%- set rows = [] -%}
    {%- for channel, purposes in var('channel_purposes').items() -%}
        {%- for purpose in purposes -%}
            {%- do rows.append((channel, purpose)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {% for channel, purpose in rows -%}
    select
        '{{ channel }}' as channel,
        '{{ purpose }}' as purpose
    {{ 'union all' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
