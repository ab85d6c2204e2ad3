{#- The words of the company's language: words_<language>(), one file each. -#}
{% macro words() -%}
    {%- set name = 'words_' ~ var('language') -%}
    {%- if name not in context -%}
        {{ exceptions.raise_compiler_error(
            "There are no words in the language '" ~ var('language') ~ "': the macro " ~ name
            ~ " is missing."
        ) }}
    {%- endif -%}
    {{ return(context[name]()) }}
{%- endmacro %}
