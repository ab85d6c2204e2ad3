{#- One row: the model that scores the night, its run, and the first purchase that it knows. -#}
{% macro champion() -%}
    select
        max(model) as model,
        max(run_id) as run_id,
        max(first_purchase_on_min) as began_on
    from {{ source('scores', 'model_runs') }}
    where
        is_champion
        and as_of = {{ regulars.as_of() }}
{%- endmacro %}
