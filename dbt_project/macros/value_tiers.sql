{#- The tier of a place among so many people, best first: the cuts are the variable value_tiers.

    | place | people | result   |
    |-------|--------|----------|
    | 1     | 200    | platinum |
    | 3     | 200    | gold     |
    | 101   | 200    | basic    |
-#}
{% macro tier_of_place(place, people) -%}
    case
        {%- for tier, cut in var('value_tiers').items() %}
        when (({{ place }}) - 1) * 100 < {{ cut }} * ({{ people }}) then '{{ tier }}'
        {%- endfor %}
        else 'basic'
    end
{%- endmacro %}


{#- Whether the first tier is better than the second; false when either is unknown. -#}
{% macro is_better_tier(one, other) -%}
    coalesce(({{ regulars.tier_number(one) }}) < ({{ regulars.tier_number(other) }}), false)
{%- endmacro %}

{% macro tier_number(tier) -%}
    case {{ tier }}
        {%- for name in var('value_tiers') %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
        when 'basic' then {{ var('value_tiers') | length + 1 }}
    end
{%- endmacro %}


{#- The tier that counts: up at once, down once every night for tier_hold_days days has placed the
    person lower. `below_since` is the first of those nights, null until there is one.

    | tonight | standing | below_since   | result  |
    |---------|----------|---------------|---------|
    | gold    | silver   | null          | gold    |
    | silver  | gold     | null          | gold    |
    | silver  | gold     | 29 days ago   | gold    |
    | silver  | gold     | 30 days ago   | silver  |
    | silver  | null     | null          | silver  |
-#}
{% macro held_tier(tonight, standing, below_since) -%}
    case
        when
            {{ regulars.is_better_tier(standing, tonight) }}
            and {{ regulars.days_between('coalesce(' ~ below_since ~ ', ' ~ regulars.as_of() ~ ')', regulars.as_of()) }}
            < {{ var('tier_hold_days') }}
            then {{ standing }}
        else {{ tonight }}
    end
{%- endmacro %}
