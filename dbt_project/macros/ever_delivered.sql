{#- Every row of a feed that was ever delivered, whatever later versions or files say: for facts
    that nothing takes back. Rows that came later than the night knows are left out. -#}
{% macro ever_delivered(source_name, feed) -%}
    select delivered.*
    from {{ source(source_name, feed) }} as delivered
    inner join {{ source('ledger', 'deliveries') }} as ledger
        on delivered._delivery_id = ledger.delivery_id
    where
        ledger.status = 'loaded'
        and ledger.delivered_on <= {{ regulars.as_of() }}
        and ledger.delivery_id <= {{ var('last_delivery_id') }}
{%- endmacro %}
