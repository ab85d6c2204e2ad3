{{ config(materialized="table") }}

-- Why somebody who qualifies is left out, as said of many; the sentence about one person is filled
-- in where the person is left out.
{%- set text = dbt.type_string() %}
{%- set reasons = {} %}
{%- if execute %}
{%- for code, said in words().exclusions.items() if said is mapping %}
{%- do reasons.update({code: said.in_general}) %}
{%- endfor %}
{%- endif %}

with reasons as (

    {% for code, in_general in reasons.items() -%}
    select
        cast('{{ code }}' as {{ text }}) as reason_code,
        cast({{ text_literal(in_general) }} as {{ text }}) as in_general
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast('' as {{ text }}) as reason_code,
        cast('' as {{ text }}) as in_general
    {% endfor %}

)

select
    reason_code,
    in_general,
    -- whoever was written to is left alone for days, and is back on the list after it
    reason_code in ('contacted_recently', 'contacted_often', 'resting') as is_rest
from reasons
