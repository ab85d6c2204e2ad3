{#- Columns of an entity that name a customer: union_systems puts the person there whose account it
    is tonight. What is not named here speaks of accounts. -#}
{% macro entity_people(entity) -%}
    {{ return({
        'orders': ['customer_id'],
        'refunds': ['customer_id'],
        'cases': ['customer_id'],
        'surveys': ['customer_id'],
        'units': ['customer_id'],
        'unit_versions': ['customer_id'],
        'loyalty_entries': ['customer_id'],
        'referrals': ['referrer_customer_id', 'referred_customer_id'],
        'campaign_contacts': ['customer_id'],
    }.get(entity, [])) }}
{%- endmacro %}
