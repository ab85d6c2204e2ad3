{#- The tier of the loyalty programme that so many points hold, null below the first; variable
    loyalty_tiers. -#}
{% macro loyalty_tier(points) -%}
    case
        {%- for tier, least in var('loyalty_tiers').items() | sort(attribute='1', reverse=true) %}
        when {{ points }} >= {{ least }} then '{{ tier }}'
        {%- endfor %}
    end
{%- endmacro %}


{#- The points from which the next tier holds, null in the highest. -#}
{% macro points_of_next_tier(points) -%}
    case
        {%- for tier, least in var('loyalty_tiers').items() | sort(attribute='1') %}
        when {{ points }} < {{ least }} then {{ least }}
        {%- endfor %}
    end
{%- endmacro %}
