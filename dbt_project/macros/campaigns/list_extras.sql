{#
Columns that only some lists have, with their types: what a candidates model may add to the
common ones. A new column of a new list is one line here.
#}
{% macro list_extras() -%}
    {{ return({
        'int_second_purchase_candidates': {
            'first_category': dbt.type_string(),
            'days_since_first': 'integer',
            'p_second': 'numeric(9, 6)',
        },
        'int_save_our_best_candidates': {},
        'int_make_it_right_candidates': {
            'case_id': dbt.type_string(),
            'first_reply_minutes': 'integer',
            'is_breach': 'boolean',
            'csat': 'integer',
            'reason': dbt.type_string(),
        },
    }) }}
{%- endmacro %}

{# name -> type over all lists, in order #}
{% macro all_list_extras() -%}
    {%- set all = {} -%}
    {%- for extras in list_extras().values() -%}{%- do all.update(extras) -%}{%- endfor -%}
    {{ return(all) }}
{%- endmacro %}
