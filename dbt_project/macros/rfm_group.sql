{#- The group of a recency quintile and the sum of the frequency and money quintiles (5 is best).

    | recency | frequency + money 8 and up | 5 to 7              | up to 4        |
    |---------|----------------------------|---------------------|----------------|
    | 4, 5    | champions                  | potential_loyalists | recent         |
    | 3       | loyal                      | needs_attention     | about_to_sleep |
    | 1, 2    | cannot_lose                | at_risk             | hibernating    |
-#}
{% macro rfm_group(recency, frequency, money) -%}
    case
        {%- for least, groups in [
            (4, ['champions', 'potential_loyalists', 'recent']),
            (3, ['loyal', 'needs_attention', 'about_to_sleep']),
            (1, ['cannot_lose', 'at_risk', 'hibernating']),
        ] %}
        when {{ recency }} >= {{ least }} and {{ frequency }} + {{ money }} >= 8
            then '{{ groups[0] }}'
        when {{ recency }} >= {{ least }} and {{ frequency }} + {{ money }} >= 5
            then '{{ groups[1] }}'
        when {{ recency }} >= {{ least }} then '{{ groups[2] }}'
        {%- endfor %}
    end
{%- endmacro %}
