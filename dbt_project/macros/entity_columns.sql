{#- What every system's stg_<system>__<entity> supplies: name and type of each column, in order.
    The mapping of a new system is written against this list. -#}
{% macro entity_columns(entity) -%}
    {%- set text, instant = dbt.type_string(), regulars.type_instant() -%}
    {%- set entities = {
        'customers': [
            ('customer_id', text), ('language', text), ('country', text),
            ('timezone', text), ('birth_month_day', text), ('anniversary_month_day', text),
            ('preferred_channel', text), ('is_staff', 'boolean'), ('created_at', instant),
        ],
        'contacts': [
            ('customer_id', text), ('email', text), ('phone', text),
            ('first_name', text), ('last_name', text), ('birth_date', 'date'),
            ('kept_birth_date', 'date'), ('country', text),
        ],
        'products': [
            ('product_id', text), ('name', text), ('category', text),
            ('unit_cost', 'numeric(14, 2)'), ('list_price', 'numeric(14, 2)'),
            ('warranty_months', 'integer'), ('expected_life_months', 'integer'),
            ('service_interval_months', 'integer'),
        ],
        'orders': [
            ('order_id', text), ('customer_id', text), ('ordered_at', instant),
            ('ordered_on', 'date'), ('status', text), ('order_type', text),
            ('currency', text), ('shipping_cost', 'numeric(14, 2)'),
            ('payment_fee', 'numeric(14, 2)'), ('channel', text),
            ('delivered_at', instant), ('promised_delivery_on', 'date'),
            ('acquisition_channel', text),
        ],
        'order_states': [
            ('order_id', text), ('status', text), ('version_at', instant),
            ('delivered_on', 'date'), ('is_first_delivery', 'boolean'),
            ('delivery_rank', 'bigint'), ('line', 'bigint'),
        ],
        'order_lines': [
            ('order_id', text), ('line_no', 'integer'), ('product_id', text),
            ('quantity', 'integer'), ('unit_price', 'numeric(14, 2)'),
            ('discount', 'numeric(14, 2)'),
        ],
        'refunds': [
            ('refund_id', text), ('order_id', text), ('line_no', 'integer'),
            ('customer_id', text), ('product_id', text), ('refunded_at', instant),
            ('refunded_on', 'date'), ('quantity', 'integer'), ('amount', 'numeric(14, 2)'),
            ('is_restocked', 'boolean'), ('reason', text), ('handling_cost', 'numeric(14, 2)'),
        ],
        'refund_arrivals': [
            ('refund_id', text), ('delivered_on', 'date'), ('is_first_delivery', 'boolean'),
        ],
        'cases': [
            ('case_id', text), ('customer_id', text), ('order_id', text),
            ('product_id', text), ('serial', text), ('kind', text),
            ('opened_at', instant), ('first_reply_at', instant),
            ('resolved_at', instant), ('answered_by_phone_at', instant),
            ('merged_into_case_id', text), ('merged_at', instant),
            ('reopened_count', 'integer'),
            ('promised_reply_minutes', 'integer'), ('agent_minutes', 'integer'),
            ('goodwill_cost', 'numeric(14, 2)'), ('reason', text), ('team', text),
            ('promised_callback_at', instant), ('called_back_at', instant),
            ('promised_repair_at', instant),
        ],
        'surveys': [
            ('survey_id', text), ('customer_id', text), ('case_id', text),
            ('kind', text), ('score', 'integer'), ('answered_at', instant),
        ],
        'addresses': [
            ('customer_id', text), ('street', text), ('postcode', text), ('city', text),
            ('country', text), ('changed_at', instant),
        ],
        'units': [
            ('product_id', text), ('serial', text), ('customer_id', text), ('order_id', text),
            ('bought_on', 'date'), ('registered_on', 'date'), ('warranty_ends_on', 'date'),
            ('last_serviced_on', 'date'), ('next_service_due_on', 'date'),
            ('retired_on', 'date'), ('retired_how', text),
        ],
        'unit_versions': [
            ('product_id', text), ('serial', text), ('customer_id', text), ('order_id', text),
            ('bought_on', 'date'), ('registered_on', 'date'), ('warranty_ends_on', 'date'),
            ('last_serviced_on', 'date'), ('next_service_due_on', 'date'),
            ('retired_on', 'date'), ('retired_how', text), ('version_at', instant),
        ],
        'unit_changes': [('product_id', text), ('serial', text)],
        'loyalty_entries': [
            ('entry_id', text), ('customer_id', text), ('order_id', text), ('kind', text),
            ('points', 'integer'), ('booked_at', instant), ('expires_on', 'date'),
        ],
        'referrals': [
            ('referral_id', text), ('referrer_customer_id', text),
            ('referred_customer_id', text), ('referred_at', instant),
        ],
        'events': [
            ('event_id', text), ('name', text), ('city', text), ('country', text),
            ('capacity', 'integer'), ('starts_at', instant), ('ends_at', instant),
        ],
        'marketing_spend': [
            ('month', 'date'), ('channel', text), ('amount', 'numeric(14, 2)'), ('currency', text),
        ],
        'fx_rates': [
            ('rate_on', 'date'), ('currency', text), ('rate', 'numeric(18, 8)'),
        ],
        'campaign_contacts': [
            ('contact_id', text), ('list_code', text), ('customer_id', text),
            ('channel', text), ('sent_at', instant), ('outcome', text),
            ('delivered_on', 'date'), ('delivery_id', 'bigint'), ('line', 'integer'),
        ],
        'permission_events': [
            ('kind', text), ('customer_id', text), ('reference', text), ('channel', text),
            ('purpose', text), ('source', text), ('happened_at', instant),
            ('is_no', 'boolean'), ('delivered_on', 'date'), ('delivery_id', 'bigint'),
            ('line', 'integer'),
        ],
        'contact_versions': [
            ('customer_id', text), ('email', text), ('phone', text), ('country', text),
            ('known_at', instant), ('delivered_on', 'date'), ('delivery_id', 'bigint'),
        ],
        'identities': [
            ('old_customer_id', text), ('customer_id', text), ('is_merged', 'boolean'),
            ('changed_at', instant),
        ],
        'account_links': [
            ('customer_id', text), ('linked_customer_id', text), ('linked_from', instant),
            ('linked_until', instant),
        ],
        'changes': [('kind', text), ('id', text)],
    } -%}
    {{ return(entities[entity]) }}
{%- endmacro %}


{#- What a model of a company's own project may leave out, and is null then. A column that is added
    to an entity belongs here: the models of companies do not have it. -#}
{% macro optional_columns(entity) -%}
    {%- set optional = {
        'customers': [
            'timezone', 'birth_month_day', 'anniversary_month_day', 'preferred_channel', 'is_staff',
        ],
        'contacts': ['kept_birth_date'],
        'contact_versions': ['delivery_id'],
        'products': ['warranty_months', 'expected_life_months', 'service_interval_months'],
        'orders': ['delivered_at', 'promised_delivery_on', 'acquisition_channel'],
        'cases': ['team', 'promised_callback_at', 'called_back_at', 'promised_repair_at'],
    } -%}
    {{ return(optional.get(entity, [])) }}
{%- endmacro %}
