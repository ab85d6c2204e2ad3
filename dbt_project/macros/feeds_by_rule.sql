{#- The names of all declared feeds with a load rule, as a list of SQL literals. -#}
{% macro feeds_by_rule(rule) -%}
    {%- set feeds = ["''"] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() -%}
            {%- set delivery = node.config.meta.delivery or node.meta.delivery -%}
            {%- if delivery and delivery.load == rule -%}
                {%- do feeds.append("'" ~ node.name ~ "'") -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(feeds | sort) }}
{%- endmacro %}
