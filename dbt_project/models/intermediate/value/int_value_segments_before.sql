{{ config(post_hook="{{ analyze() }}") }}

-- What last night's values were reckoned with, by country as tonight's are. A country that is new
-- has tonight's terms; what is the company's stands in every row.
with previous_night as (

    select as_of from {{ ref('int_previous_night') }}

),

terms as (

    select
        terms.term,
        terms.subject,
        cast(terms.value as numeric(22, 10)) as value
    from {{ source('decisions', 'effective_value_terms') }} as terms
    inner join previous_night on terms.as_of = previous_night.as_of

),

company as (

    select
        max(case when term = 'failure_cost' then value end) as failure_cost,
        {%- for parameter in ['p', 'q', 'gamma'] %}
        max(case when term = 'spend' and subject = '{{ parameter }}' then value end)
            as {{ parameter }},
        {%- endfor %}
        {%- for name in ['margin_rate_credibility', 'service_credibility_purchases'] %}
        max(
            case
                when term = 'assumption' and subject = '{{ name }}'
                    then cast(value as numeric(12, 4))
            end
        ) as {{ name }},
        {%- endfor %}
        max(case when term = 'usual_order_value' then value end) as usual_order_value
    from terms

),

segments as (

    select
        subject as segment,
        max(case when term = 'margin_rate' then value end) as margin_rate,
        max(case when term = 'variable_cost' then value end) as variable_cost,
        max(case when term = 'ordinary_cost' then value end) as ordinary_cost
    from terms
    where term in ('margin_rate', 'variable_cost', 'ordinary_cost')
    group by subject

),

known as (

    select * from segments
    union all
    select
        tonight.segment,
        tonight.margin_rate,
        tonight.variable_cost,
        tonight.ordinary_cost
    from {{ ref('int_value_segments') }} as tonight
    left join segments on tonight.segment = segments.segment
    where segments.segment is null

),

final as (

    select
        known.*,
        company.*
    from known
    cross join company
    cross join previous_night

)

select * from final
