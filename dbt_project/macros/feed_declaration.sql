{#- What a source's YAML says about its delivery: key, version, load rule. Known once dbt runs;
    while parsing, an empty mapping. -#}
{% macro feed_declaration(source_name, feed) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values()
            if node.source_name == source_name and node.name == feed -%}
            {%- do found.append(node.config.meta.delivery or node.meta.delivery) -%}
        {%- endfor -%}
        {%- if not found -%}
            {{ exceptions.raise_compiler_error('no declared feed ' ~ source_name ~ '.' ~ feed) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(found[0] if found else {'key': ['_line'], 'load': 'upsert'}) }}
{%- endmacro %}
