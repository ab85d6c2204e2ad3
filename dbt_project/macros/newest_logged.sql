{#- The decision log's newest word on each customer before this night, of those it still knows: each
    night logs only who changed. `log` is a source keyed by customer_id and as_of, with is_known;
    `of_whom` a condition on its customer_id. -#}
{% macro newest_logged(log, columns, of_whom='1 = 1') -%}
    select
        customer_id,
        {{ columns | join(',\n        ') }}
    from (
        select
            log.*,
            row_number() over (
                partition by customer_id
                order by as_of desc nulls last
            ) as place
        from {{ log }} as log
        where
            as_of < {{ regulars.as_of() }}
            and {{ of_whom }}
    ) as logged
    where place = 1 and is_known
{%- endmacro %}
