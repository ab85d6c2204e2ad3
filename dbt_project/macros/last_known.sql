{#- What an earlier version said last in `column`, for keys of `rows` (a CTE) whose current version
    leaves it empty: what protects somebody is not undone by an empty cell. Key, column. -#}
{% macro last_known(source_name, feed, column, rows) -%}
    {%- set declaration = regulars.feed_declaration(source_name, feed) -%}
    select
        {%- for name in declaration.key %}
        said.{{ name }},
        {%- endfor %}
        said.{{ column }}
    from (
        select
            {%- for name in declaration.key %}
            delivered.{{ name }},
            {%- endfor %}
            delivered.{{ column }},
            row_number() over (
                partition by
                    {%- for name in declaration.key %} delivered.{{ name }}{{ ',' if not loop.last }}
                    {%- endfor %}
                order by {{ regulars.newest_version_first(declaration) }}
            ) as version_rank
        from {{ rows }} as empty_rows
        inner join {{ source(source_name, feed) }} as delivered
            on
                {%- for name in declaration.key %}
                {{ 'and ' if not loop.first }}empty_rows.{{ name }} = delivered.{{ name }}
                {%- endfor %}
        inner join {{ ref('stg_deliveries') }} as deliveries
            on delivered._delivery_id = deliveries.delivery_id
        where empty_rows.{{ column }} is null and delivered.{{ column }} is not null
    ) as said
    where said.version_rank = 1
{%- endmacro %}
