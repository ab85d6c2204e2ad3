{#- The words of the company's language: words_<language>(), one file each, of the company's own
    project or of the product. -#}
{% macro words() -%}
    {%- set name = 'words_' ~ var('language') -%}
    {%- set found = context.get(name) or context['regulars'].get(name) -%}
    {%- if not found -%}
        {{ exceptions.raise_compiler_error(
            "There are no words in the language '" ~ var('language') ~ "': the macro " ~ name
            ~ " is missing."
        ) }}
    {%- endif -%}
    {{ return(found()) }}
{%- endmacro %}
