{#- The row that counts of each key of an `upsert` feed: latest declared version, then latest
    delivery (by its date, revision and content, never by when it was loaded), then last line.
    In an incremental run only the keys of tonight's deliveries.
    `deliveries` restricts to 'all' visible ones or those 'built' before tonight. -#}
{% macro current_version(source_name, feed, only_changed=false, deliveries='all') -%}
    {%- set declaration = feed_declaration(source_name, feed) -%}
    {%- set key = declaration.key -%}
    select ranked.*
    from (
        select
            delivered.*,
            row_number() over (
                partition by
                    {%- for column in key %} delivered.{{ column }}{{ ',' if not loop.last }}
                    {%- endfor %}
                order by
                    {%- if declaration.version %}
                    delivered.{{ declaration.version }} desc nulls last,
                    {%- endif %}
                    deliveries.delivery_rank desc nulls last,
                    delivered._line desc nulls last
            ) as version_rank
        from {{ source(source_name, feed) }} as delivered
        inner join {{ ref('stg_deliveries') }} as deliveries
            on delivered._delivery_id = deliveries.delivery_id
        {%- if only_changed %}
        inner join (
            select distinct
                {%- for column in key %} fresh.{{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ source(source_name, feed) }} as fresh
            where fresh._delivery_id in ({{ new_deliveries() }})
        ) as changed
            on
                {%- for column in key %}
                {{ 'and ' if not loop.first }}delivered.{{ column }} = changed.{{ column }}
                {%- endfor %}
        {%- endif %}
        {%- if deliveries == 'built' %}
        where not deliveries.is_new
        {%- endif %}
    ) as ranked
    where ranked.version_rank = 1
{%- endmacro %}
