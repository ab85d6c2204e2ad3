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


{#- Quintiles of recency, frequency and money among customers, 1 to 5, best last, and the group that
    follows. Equals are told apart by the later purchase, then by id: by their place in that order,
    a number where a text would be compared again for each quintile. A query over `standings`. -#}
{% macro rfm_groups(standings) -%}
    select
        quintiles.*,
        {{ regulars.rfm_group('recency_quintile', 'frequency_quintile', 'money_quintile') }}
            as rfm_group
    from (
        select
            placed.*,
            ntile(5) over (order by place asc nulls last) as recency_quintile,
            ntile(5) over (
                order by orders_count asc nulls last, place asc nulls last
            ) as frequency_quintile,
            ntile(5) over (
                order by net_sales asc nulls last, place asc nulls last
            ) as money_quintile
        from (
            select
                standings.*,
                row_number() over (
                    order by
                        last_purchase_on asc nulls last,
                        {{ regulars.text_order('customer_id') }} asc nulls last
                ) as place
            from {{ standings }} as standings
        ) as placed
    ) as quintiles
{%- endmacro %}
