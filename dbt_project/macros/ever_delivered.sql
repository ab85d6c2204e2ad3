{#- Every row of a feed that was ever delivered, whatever later versions or files say: for facts
    that nothing takes back. Rows that came later than the night knows are left out. -#}
{% macro ever_delivered(source_name, feed) -%}
    select delivered.*
    from {{ source(source_name, feed) }} as delivered
    inner join ({{ regulars.known_deliveries() }}) as ledger
        on delivered._delivery_id = ledger.delivery_id
    where ledger.status = 'loaded'
{%- endmacro %}
