{#- The rows of a feed that came tonight, and those whose delivery stopped counting. -#}
{% macro changed_rows(source_name, feed) -%}
    select delivered.*
    from {{ source(source_name, feed) }} as delivered
    inner join {{ ref('stg_deliveries_changed') }} as deliveries
        on delivered._delivery_id = deliveries.delivery_id
{%- endmacro %}
