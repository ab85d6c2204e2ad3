-- What everybody's value of tonight is reckoned with, and what it comes to. Publication logs these
-- rows: tomorrow's bridge starts from them.
with segments as (

    select * from {{ ref('int_value_segments') }}

),

spend as (

    {{ spend_parameters() }}

),

champion as (

    {{ champion() }}

),

terms as (

    {%- for term in ['margin_rate', 'variable_cost', 'ordinary_cost', 'failure_cost'] %}
    select
        {{ term_row("'" ~ term ~ "'", 'segment', term) }}
    from segments
    union all
    {%- endfor %}
    select
        {{ term_row("'usual_order_value'", "''", 'max(usual_order_value)') }}
    from segments
    union all
    select
        {{ term_row("'spend_factor'", 'frequency_band', 'spend_factor') }}
    from {{ ref('int_spend_factors') }}
    {%- for parameter in ['p', 'q', 'gamma'] %}
    union all
    select
        {{ term_row("'spend'", "'" ~ parameter ~ "'", parameter) }}
    from spend
    {%- endfor %}
    union all
    select
        {{ term_row("'purchase_model'", 'model', '1') }}
    from champion
    where model is not null
    {%- for kind, found in [
        ('assumption', value_assumptions()), ('tier_assumption', tier_assumptions())
    ] %}
    {%- for name, value in found.items() %}
    union all
    select
        {{ term_row("'" ~ kind ~ "'", "'" ~ name ~ "'", value) }}
    {%- endfor %}
    {%- endfor %}
    union all
    select
        {{ term_row("'value'", 'value_tier', 'sum(coalesce(net_clv_12m, 0))') }}
    from {{ ref('customer_lifetime_values') }}
    group by value_tier

)

select
    {{ as_of() }} as as_of,
    term,
    subject,
    value
from terms
where value is not null
