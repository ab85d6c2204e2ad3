{#- One row: p, q and gamma of the spend law that scores the night. -#}
{% macro spend_parameters() -%}
    select
        max(case when parameter = 'p' then value end) as p,
        max(case when parameter = 'q' then value end) as q,
        max(case when parameter = 'gamma' then value end) as gamma
    from {{ source('scores', 'model_parameters') }}
    where
        model = 'gamma_gamma'
        and as_of = {{ as_of() }}
        and fitted_on = {{ as_of() }}
{%- endmacro %}
