{#- The ledger as tonight knows it, whatever became of each file: none of a later day, and for a
    rebuild none that came after its night. -#}
{% macro known_deliveries() -%}
    select *
    from {{ source('ledger', 'deliveries') }}
    where
        delivered_on <= {{ regulars.as_of() }}
        and delivery_id <= {{ var('last_delivery_id') }}
{%- endmacro %}
