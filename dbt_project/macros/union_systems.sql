{#- One query over stg_<system>__<entity> of every active system that supplies the entity, with
    the entity's columns in their order; a typed query without rows when no system does. -#}
{% macro union_systems(entity) -%}
    {%- set columns = regulars.entity_columns(entity) -%}
    {%- set systems = regulars.systems_with(entity) -%}
    {%- for system in systems %}
    select
        {%- for name, data_type in columns %}
        {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
        {%- if not loop.last %}
    union all
        {%- endif -%}
    {%- endfor -%}
    {%- if not systems %}
    select
        {%- for name, data_type in columns %}
        cast(null as {{ data_type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where 1 = 0
    {%- endif -%}
{%- endmacro %}
