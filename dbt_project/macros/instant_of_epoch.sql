{#- The instant so many seconds after 1970 began, in UTC. -#}
{% macro instant_of_epoch(seconds) -%}
    {{ return(adapter.dispatch('instant_of_epoch', 'regulars')(seconds)) }}
{%- endmacro %}

{% macro default__instant_of_epoch(seconds) -%}
    to_timestamp({{ seconds }})
{%- endmacro %}
