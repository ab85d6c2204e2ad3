{#- Settings that move values: name -> number. Each night logs them, so that the next one knows which
    have changed since. One of several numbers is named `<setting> <key>`. -#}
{% macro value_assumptions() -%}
    {%- set found = {} -%}
    {%- for name in [
        'agent_minute_cost',
        'assumed_cost_share',
        'point_value',
        'margin_rate_credibility',
        'segment_credibility_purchases',
        'service_credibility_purchases',
        'spend_factor_credibility',
        'spend_factor_fewest_days',
        'settle_days',
    ] -%}
        {%- do found.update({name: var(name)}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Settings that move people from tier to tier and leave their values alone. -#}
{% macro tier_assumptions() -%}
    {%- set found = {'tier_hold_days': var('tier_hold_days')} -%}
    {%- for tier, cut in var('value_tiers').items() -%}
        {%- do found.update({'value_tiers ' ~ tier: cut}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
