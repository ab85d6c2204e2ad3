{%- set countries = {
    'United Kingdom': 'GB', 'Germany': 'DE', 'France': 'FR', 'EIRE': 'IE', 'Spain': 'ES',
    'Netherlands': 'NL', 'Belgium': 'BE', 'Switzerland': 'CH', 'Australia': 'AU',
    'Portugal': 'PT', 'Norway': 'NO', 'Finland': 'FI', 'Italy': 'IT', 'Cyprus': 'CY',
    'Japan': 'JP', 'Sweden': 'SE', 'Austria': 'AT', 'Hong Kong': 'HK', 'Poland': 'PL',
    'Israel': 'IL', 'Denmark': 'DK', 'Singapore': 'SG', 'Canada': 'CA', 'Iceland': 'IS',
    'Greece': 'GR', 'Malta': 'MT', 'Lebanon': 'LB', 'Lithuania': 'LT', 'Brazil': 'BR',
    'United Arab Emirates': 'AE', 'USA': 'US', 'Bahrain': 'BH', 'Czech Republic': 'CZ',
    'Saudi Arabia': 'SA',
} -%}
-- Whoever is on an invoice line; all that is known of them is the country of their last one.
with lines as (

    select
        base.*,
        row_number() over (
            partition by customer_id
            order by
                invoiced_at desc nulls last,
                {{ text_order('invoice_no') }} desc nulls last,
                line_no desc nulls last
        ) as place,
        min(invoiced_at) over (partition by customer_id) as created_at
    from {{ ref('base_online_retail__lines') }} as base
    where customer_id is not null

)

select
    customer_id,
    cast(null as {{ dbt.type_string() }}) as language,
    case country
        {%- for name, code in countries.items() %}
        when '{{ name }}' then '{{ code }}'
        {%- endfor %}
    end as country,
    'Europe/London' as timezone,
    cast(null as {{ dbt.type_string() }}) as birth_month_day,
    cast(null as {{ dbt.type_string() }}) as anniversary_month_day,
    cast(null as {{ dbt.type_string() }}) as preferred_channel,
    false as is_staff,
    created_at
from lines
where place = 1
