{#- As many merges in a row are followed, a step a round: recursion is not portable. -#}
{% macro longest_merge_chain() -%}
    {{ return(16) }}
{%- endmacro %}
