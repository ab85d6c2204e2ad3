{#-
Every column of a seed lies within the `meta` bounds declared beside its description:
min and max, whole, allowed, and not empty unless `required: false`. Returns column and value.
-#}
{% test within_declared_bounds(model) -%}
    {%- set columns = [] -%}
    {%- if execute -%}
        {%- set seeds = graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'seed')
            | selectattr('alias', 'equalto', model.identifier) | list -%}
        {%- do columns.extend((seeds | first).columns.values()) -%}
    {%- endif -%}
    {%- for column in columns %}
        {%- set bounds = column.config.meta or column.meta %}
    select
        '{{ column.name }}' as column_name,
        cast({{ adapter.quote(column.name) }} as {{ dbt.type_string() }}) as value
    from {{ model }}
    where
        1 = 0
        {%- if bounds.get('required', true) %}
        or {{ adapter.quote(column.name) }} is null
        {%- endif %}
        {%- if 'min' in bounds %}
        or not ({{ adapter.quote(column.name) }} between {{ bounds.min }} and {{ bounds.max }})
        {%- endif %}
        {%- if bounds.get('whole') %}
        or {{ adapter.quote(column.name) }} <> floor({{ adapter.quote(column.name) }})
        {%- endif %}
        {%- if 'allowed' in bounds %}
        or {{ adapter.quote(column.name) }} not in ('{{ bounds.allowed | join("', '") }}')
        {%- endif %}
        {{ 'union all' if not loop.last }}
    {%- else %}
    select 'nothing declared' as column_name, '' as value
    {%- endfor %}
{%- endtest %}
