{#- What customer_history keeps of a person: the columns of decisions.customer_states. -#}
{% macro customer_state_columns() -%}
    {{ return([
        'relationship_status',
        'lifecycle_status',
        'value_tier',
        'tier_below_since',
        'rfm_group',
        'rfm_group_since',
        'consent_email_marketing',
        'consent_phone_marketing',
        'consent_post_marketing',
        'consent_ads',
    ]) }}
{%- endmacro %}
