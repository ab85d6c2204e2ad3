{#- The age from which on a cohort had paid back what it cost, and stayed so: the one after the last at
    which it had not, for refunds can take back what was. Null where it has not at the last age, or
    where nobody knows what it cost. Reads age_month, cumulative_margin and acquisition_cost; `cohort`
    is the columns of one.

    | age_month | acquisition_cost | cumulative_margin | result |
    |-----------|------------------|-------------------|--------|
    | 0         | 7                | 8                 | 2      |
    | 1         | 7                | 6                 | 2      |
    | 2         | 7                | 9                 | 2      | -#}
{% macro payback_month(cohort) -%}
    cast(
        nullif(
            coalesce(
                max(
                    case when coalesce(cumulative_margin < acquisition_cost, true) then age_month end
                ) over (partition by {{ cohort }}) + 1,
                0
            ),
            max(age_month) over (partition by {{ cohort }}) + 1
        ) as integer
    )
{%- endmacro %}
