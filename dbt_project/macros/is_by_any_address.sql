{#- Whether people are found on a channel by any address they have (channels_by_any_address). -#}
{% macro is_by_any_address(channel) -%}
    {{ channel }} in ('{{ var("channels_by_any_address") | join("', '") }}')
{%- endmacro %}
