{{ config(materialized="view") }}

-- Whom somebody brought, whom those brought, and so on. No chain returns to where it began
-- (fct_referrals); longer ones than the generations are not followed.
{%- set generations = 12 %}

with links as (

    select
        referrer_customer_id,
        referred_customer_id
    from {{ ref('fct_referrals') }}
    where left_out_reason is null

),

generation_1 as (

    select
        referrer_customer_id as customer_id,
        referred_customer_id as brought_customer_id
    from links

),

{% for number in range(2, generations + 1) -%}
generation_{{ number }} as (

    select
        earlier.customer_id,
        links.referred_customer_id as brought_customer_id
    from generation_{{ number - 1 }} as earlier
    inner join links on earlier.brought_customer_id = links.referrer_customer_id

),

{% endfor -%}
final as (

    {% for number in range(1, generations + 1) -%}
    select
        customer_id,
        brought_customer_id,
        {{ number }} as generation
    from generation_{{ number }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
