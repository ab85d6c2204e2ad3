{#- Before an incremental insert into int_customer_years, in its transaction: away with what is of
    other twelve months than tonight's. -#}
{% macro delete_of_other_years() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where years_end <> {{ regulars.month_start(regulars.add_days(regulars.as_of(), 1)) }}
    {%- endif -%}
{%- endmacro %}
