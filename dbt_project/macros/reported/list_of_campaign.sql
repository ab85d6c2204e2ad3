{#- The list that a tool's campaign was made from: campaigns are named after it, "save_our_best" or
    "save_our_best 2026-10-31". Null for any other campaign. -#}
{% macro list_of_campaign(name) -%}
    case
        when lower(split_part(trim(both ' ' from {{ name }}), ' ', 1))
            in ('{{ var("lists") | join("', '") }}')
            then lower(split_part(trim(both ' ' from {{ name }}), ' ', 1))
    end
{%- endmacro %}
