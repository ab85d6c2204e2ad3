{#- One query over stg_<system>__<entity> of every active system that supplies the entity, with
    the entity's columns in their order; a typed query without rows when no system does. Whoever it
    is about is the person of tonight, the one place where merges are followed; as `accounts`, the
    account as delivered. -#}
{% macro union_systems(entity, of='people') -%}
    {%- set columns = regulars.entity_columns(entity) -%}
    {%- set systems = regulars.systems_with(entity) -%}
    {%- set people = regulars.entity_people(entity)
        if of == 'people' and regulars.systems_with('identities') else [] -%}
    {%- for system in systems %}
    {%- set left_out = regulars.columns_left_out(entity, 'stg_' ~ system ~ '__' ~ entity) %}
    select
        {%- for name, data_type in columns %}
        {% if name in people -%}
        coalesce(person_of_{{ name }}.customer_id, delivered.{{ name }}) as {{ name }}
        {%- elif name in left_out -%}
        cast(null as {{ data_type }}) as {{ name }}
        {%- else -%}
        delivered.{{ name }}
        {%- endif -%}
        {{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_' ~ system ~ '__' ~ entity) }} as delivered
        {%- for name in people %}
    left join {{ ref('int_account_people') }} as person_of_{{ name }}
        on delivered.{{ name }} = person_of_{{ name }}.account_id
        {%- endfor -%}
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
