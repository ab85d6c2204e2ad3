{#- A hook of int_touched_customers: the next publication compares the facts of whom this build
    touches. Only the engine that publishes from its own tables notes them; a rebuild beside the
    live tables publishes nothing. -#}
{% macro await_publication() -%}
    {{ return(adapter.dispatch('await_publication', 'regulars')()) }}
{%- endmacro %}

{% macro default__await_publication() -%}
{%- endmacro %}

{% macro postgres__await_publication() -%}
    {%- if not var('schema_prefix', '') -%}
    insert into ops.unpublished_customers
    select source_customer_id from {{ this }}
    {%- endif -%}
{%- endmacro %}
