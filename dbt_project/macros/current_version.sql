{#- The row that counts of each key of an `upsert` feed: its newest version.
    Of a feed that is `complete_by` some columns, only rows of the latest delivery that has any with
    the same values there: a line that is gone from a re-delivered order is gone.
    In an incremental run only the keys of tonight's deliveries, or all with the same `changed_by`.
    `deliveries` restricts to 'all' visible ones or those 'built' before tonight. -#}
{% macro current_version(
    source_name, feed, only_changed=false, deliveries='all', changed_by=none
) -%}
    {%- set declaration = regulars.feed_declaration(source_name, feed) -%}
    {%- set key = declaration.key -%}
    {%- set changed = changed_by or key -%}
    {%- set complete_by = declaration.complete_by or [] -%}
    select ranked.*
    from (
        select
            delivered.*,
            {%- if complete_by %}
            dense_rank() over (
                partition by
                    {%- for column in complete_by %}
                    delivered.{{ column }}{{ ',' if not loop.last }}
                    {%- endfor %}
                order by
                    delivered.whole_version desc nulls last,
                    deliveries.delivery_rank desc nulls last
            ) as whole_rank,
            {%- endif %}
            row_number() over (
                partition by
                    {%- for column in key %} delivered.{{ column }}{{ ',' if not loop.last }}
                    {%- endfor %}
                order by {{ regulars.newest_version_first(declaration) }}
            ) as version_rank
        from {{ regulars.delivered_versions(source_name, feed, declaration, complete_by) }} as delivered
        inner join {{ ref('stg_deliveries') }} as deliveries
            on delivered._delivery_id = deliveries.delivery_id
        {%- if only_changed %}
        inner join (
            select distinct
                {%- for column in changed %} fresh.{{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ source(source_name, feed) }} as fresh
            where fresh._delivery_id in ({{ regulars.new_deliveries() }})
        ) as changed
            on
                {%- for column in changed %}
                {{ 'and ' if not loop.first }}delivered.{{ column }} = changed.{{ column }}
                {%- endfor %}
        {%- endif %}
        {%- if deliveries == 'built' %}
        where not deliveries.is_new
        {%- endif %}
    ) as ranked
    where
        ranked.version_rank = 1
        {%- if complete_by %}
        and ranked.whole_rank = 1
        {%- endif %}
{%- endmacro %}

{#- Delivered rows; with `complete_by`, each with the latest version among those it came with. A
    replayed row came with the delivery that it completes. -#}
{% macro delivered_versions(source_name, feed, declaration, complete_by) -%}
    {%- if not complete_by -%}
    {{ source(source_name, feed) }}
    {%- else -%}
    (
            select
                rows_as_delivered.*,
                max(rows_as_delivered.{{ declaration.version }}) over (
                    partition by
                        {%- for column in complete_by %}
                        rows_as_delivered.{{ column }},
                        {%- endfor %}
                        their_delivery.delivery_rank
                ) as whole_version
            from {{ source(source_name, feed) }} as rows_as_delivered
            inner join {{ ref('stg_deliveries') }} as their_delivery
                on rows_as_delivered._delivery_id = their_delivery.delivery_id
        )
    {%- endif -%}
{%- endmacro %}
