{#- The rows of a feed that this night may see: all of `append` and `snapshot` feeds whose
    delivery counts. Of an `upsert` feed they would be every version of every row: refused. -#}
{% macro visible_rows(source_name, feed) -%}
    {%- if execute and regulars.feed_declaration(source_name, feed).load == 'upsert' -%}
        {{ exceptions.raise_compiler_error(
            "visible_rows('" ~ source_name ~ "', '" ~ feed ~ "') would give every version of a row"
            ~ " that was delivered: the feed is load: upsert, use current_version"
        ) }}
    {%- endif -%}
    select delivered.*
    from {{ source(source_name, feed) }} as delivered
    inner join {{ ref('stg_deliveries') }} as deliveries
        on delivered._delivery_id = deliveries.delivery_id
{%- endmacro %}
