{#- What a row of feed_states guards: its names, each after a blank; empty where it is nothing. -#}
{% macro guards_in_words() -%}
    {%- set names = [] -%}
    {%- for guard in var('guards') -%}
        {%- do names.append("case when guards_" ~ guard ~ " then ' " ~ guard ~ "' end") -%}
    {%- endfor -%}
    {{ regulars.concat_text(names) }}
{%- endmacro %}
