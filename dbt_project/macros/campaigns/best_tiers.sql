{#- The tiers whose people are among the best, best first. -#}
{% macro best_tiers() -%}
    {{ return(['platinum', 'gold', 'silver']) }}
{%- endmacro %}

{#- Whether a tier is one of them; null of an unknown tier. -#}
{% macro is_best_tier(tier) -%}
    {{ tier }} in ('{{ regulars.best_tiers() | join("', '") }}')
{%- endmacro %}

{#- Among the best how many in 100 a tier is: 1, 5 or 10; null below silver. -#}
{% macro best_in_100(tier) -%}
    case {{ tier }}
        {%- for name in regulars.best_tiers() %}
        when '{{ name }}' then {{ var('value_tiers')[name] }}
        {%- endfor %}
    end
{%- endmacro %}
