{#- The rows of a feed that this night may see: all of `append` and `snapshot` feeds whose
    delivery counts. -#}
{% macro visible_rows(source_name, feed) -%}
    select delivered.*
    from {{ source(source_name, feed) }} as delivered
    inner join {{ ref('stg_deliveries') }} as deliveries
        on delivered._delivery_id = deliveries.delivery_id
{%- endmacro %}
