{#- Drop what stands under this model's name, and what reads it, in the running transaction. -#}
{% macro drop_standing() -%}
    {%- set standing = load_cached_relation(this) -%}
    {%- if standing is not none -%}
        {%- do adapter.cache_dropped(standing) -%}
        drop {{ standing.type }} if exists {{ standing }} cascade;
    {%- endif -%}
{%- endmacro %}
