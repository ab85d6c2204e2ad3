{#- The fifth in which a place lies among so many, 1 to 5, as ntile(5) has it: where they do not
    divide by five, the first fifths have one more each. In whole numbers without a quotient, which
    is another thing on every engine.

    | place | people | result |
    |-------|--------|--------|
    | 2     | 7      | 1      |
    | 5     | 7      | 3      |
    | 7     | 7      | 5      |
-#}
{% macro quintile(place, people) -%}
    (
        1
        {%- for fifths in range(1, 5) %}
        + case
            when
                5 * ({{ place }} - least({{ fifths }}, {{ people }} % 5))
                > {{ fifths }} * ({{ people }} - {{ people }} % 5)
                then 1
            else 0
        end
        {%- endfor %}
    )
{%- endmacro %}
