{#- What a night adds to the decision log: whose columns are others in `tonight` than in `before`,
    and, no longer known, who is in `before` alone. Both are relations keyed by customer_id. -#}
{% macro changes_to_log(before, tonight, columns) -%}
    select
        {{ regulars.as_of() }} as as_of,
        coalesce(tonight.customer_id, before.customer_id) as customer_id,
        tonight.customer_id is not null as is_known,
        {%- for column in columns %}
        case when tonight.customer_id is null then before.{{ column }} else tonight.{{ column }} end
            as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ before }} as before
    full outer join {{ tonight }} as tonight on before.customer_id = tonight.customer_id
    where
        before.customer_id is null
        or tonight.customer_id is null
        {%- for column in columns %}
        or tonight.{{ column }} is distinct from before.{{ column }}
        {%- endfor %}
{%- endmacro %}
