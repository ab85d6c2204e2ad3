{#- The product of positive decimals up to this row of an order, in each partition if one is
    named; zero from the first zero on. Sums of decimal logarithms are exact enough (16
    digits) and the same on every run, which a sum of doubles is not. -#}
{% macro running_product(factor, order_by, partition_by=none) -%}
    {%- set partition = 'partition by ' ~ partition_by ~ ' ' if partition_by else '' -%}
    {%- set window = partition ~ 'order by ' ~ order_by -%}
    case
        when min({{ factor }}) over ({{ window }}) <= 0 then 0
        else cast(
            exp(
                sum(
                    case
                        when {{ factor }} > 0
                            then cast(ln(cast({{ factor }} as numeric(38, 20))) as numeric(28, 20))
                        else 0
                    end
                ) over ({{ window }})
            ) as numeric(38, 20)
        )
    end
{%- endmacro %}
