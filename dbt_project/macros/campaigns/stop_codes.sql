{#- The reasons that keep a person, or a channel of theirs, from any list, in the order in which they
    are said. -#}
{% macro stop_codes() -%}
    {{ return([
        'deceased', 'erased', 'farewell_in_doubt', 'consent_in_doubt', 'other_account',
        'shared_address', 'bounced', 'opted_out',
    ]) }}
{%- endmacro %}
