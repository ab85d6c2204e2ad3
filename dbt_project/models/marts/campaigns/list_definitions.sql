{{ config(materialized="table", post_hook="{{ analyze() }}") }}

-- What each list's YAML says, for whoever joins or reads tables.
{%- set text = dbt.type_string() %}
{%- set declared = [
    ('version', 'list_version', 'integer'),
    ('class', 'class', text),
    ('channel', 'channel', text),
    ('purpose', 'purpose', text),
    ('cadence', 'cadence', text),
    ('owner', 'owner', text),
    ('priority', 'priority', 'integer'),
    ('holdout_share', 'holdout_share', 'numeric(6, 4)'),
    ('outcome_window_days', 'outcome_window_days', 'integer'),
    ('refunds_settle_days', 'refunds_settle_days', 'integer'),
    ('valid_days', 'valid_days', 'integer'),
    ('capacity', 'capacity', 'integer'),
    ('claim', 'claim', text),
    ('age', 'age_rule', text),
    ('needed_feeds', 'needed_feeds', text),
    ('stops', 'stops', text),
    ('offer.share', 'offer_share', 'numeric(6, 4)'),
    ('offer.assumed_effect', 'assumed_effect', 'numeric(6, 4)'),
    ('offer.at_least', 'offer_at_least', 'numeric(14, 2)'),
] %}
{%- set told = [
    'name', 'purpose', 'who', 'success', 'say', 'do_not_say', 'verb',
    'money', 'left',
] %}
{%- set language = words() if execute else none %}

with definitions as (

    {% for list_code in var('lists') -%}
    {%- set model = ref(list_code) -%}
    select
        {% for key, column, type in declared -%}
        cast({{ list_value(list_code, key) }} as {{ type }}) as {{ column }},
        {% endfor -%}
        {% for name in told -%}
        cast({{ list_text(list_code, name, language) }} as {{ text }}) as {{ name }}_in_words,
        {% endfor -%}
        cast('{{ list_code }}' as {{ text }}) as list_code
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from definitions
