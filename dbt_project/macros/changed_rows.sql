{#- The rows of a feed that came tonight, and those whose delivery stopped counting. -#}
{% macro changed_rows(source_name, feed) -%}
    {%- set changed = 'select delivery_id from ' ~ ref('stg_deliveries_changed') -%}
    select delivered.*
    from {{ source(source_name, feed) }} as delivered
    where delivered._delivery_id in ({{ regulars.written_out(changed) }})
{%- endmacro %}
