{#- The optional columns of the entity that a model of a company's own project does not supply: they
    are null. The product's own models supply all. -#}
{% macro columns_left_out(entity, model_name) -%}
    {%- set optional = regulars.optional_columns(entity) -%}
    {%- if not execute or not optional or 'model.regulars.' ~ model_name in graph.nodes -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set supplied = adapter.get_columns_in_relation(ref(model_name)) | map(attribute='name') | list -%}
    {#- the rows of a unit test stand in no relation, and have every column #}
    {{- return(optional | reject('in', supplied) | list if supplied else []) }}
{%- endmacro %}
