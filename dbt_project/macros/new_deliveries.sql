{#- The ids of tonight's deliveries, for `in (…)`. -#}
{% macro new_deliveries() -%}
    {{ regulars.written_out('select delivery_id from ' ~ ref('stg_deliveries') ~ ' where is_new') }}
{%- endmacro %}
