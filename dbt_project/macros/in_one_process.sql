{#- Before a table of everybody with many columns: parallel workers hand each row over by copying it,
    which takes the server two fifths more, and next to other nodes no less time. Until the step is
    done, it is made by one process. -#}
{% macro in_one_process() -%}
    {{ return(adapter.dispatch('in_one_process', 'regulars')()) }}
{%- endmacro %}

{% macro default__in_one_process() -%}
    set local max_parallel_workers_per_gather = 0
{%- endmacro %}
