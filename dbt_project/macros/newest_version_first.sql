{#- The order of delivered versions of a row: latest declared version, then latest delivery (by its
    date, revision and content, never by when it was loaded), then last line. Reads `delivered` and
    `deliveries`. -#}
{% macro newest_version_first(declaration) -%}
    {%- if declaration.version -%}
    delivered.{{ declaration.version }} desc nulls last,
    {% endif -%}
    deliveries.delivery_rank desc nulls last,
    delivered._line desc nulls last
{%- endmacro %}
