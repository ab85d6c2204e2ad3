{%- set before = built_before('intermediate', 'int_category_peers') -%}

-- The same as the last build had it: of a quintile whose peers spend otherwise all is written anew.

{% if before -%}
select
    money_quintile,
    category,
    peers_share
from {{ before }}
{%- else -%}
select
    cast(null as integer) as money_quintile,
    cast(null as {{ dbt.type_string() }}) as category,
    cast(null as numeric(5, 2)) as peers_share
where 1 = 0
{%- endif %}
