{#- What a night adds to the decision log: whose columns are others in `tonight` than in `before`,
    and, no longer known, who is in `before` alone. Both are relations keyed by customer_id. -#}
{% macro changes_to_log(before, tonight, columns) -%}
    select
        {{ regulars.as_of() }} as as_of,
        tonight.customer_id,
        true as is_known,
        tonight.{{ columns | join(',\n        tonight.') }}
    from {{ tonight }} as tonight
    left join {{ before }} as before on tonight.customer_id = before.customer_id
    where
        before.customer_id is null
        {%- for column in columns %}
        or tonight.{{ column }} is distinct from before.{{ column }}
        {%- endfor %}
    union all
    select
        {{ regulars.as_of() }} as as_of,
        before.customer_id,
        false as is_known,
        before.{{ columns | join(',\n        before.') }}
    from {{ before }} as before
    left join {{ tonight }} as tonight on before.customer_id = tonight.customer_id
    where tonight.customer_id is null
{%- endmacro %}
