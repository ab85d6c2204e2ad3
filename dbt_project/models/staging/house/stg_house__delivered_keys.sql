{{ config(materialized="view") }}

-- Every delivered row of the feeds whose rows in quarantine hold somebody back, by its key.
{%- set keys = {
    'orders': ['order_id'],
    'order_lines': ['order_id', 'line_no'],
    'refunds': ['refund_id'],
    'cases': ['case_id'],
    'surveys': ['survey_id'],
} %}

with delivered as (

    {% for feed, columns in keys.items() -%}
    select
        '{{ feed }}' as feed,
        {{ columns[0] }} as row_id,
        {{ text_of(columns[1]) if columns[1] else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
            as part_id,
        _delivery_id as delivery_id,
        cast(_line as bigint) as line
    from {{ source('house', feed) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from delivered
