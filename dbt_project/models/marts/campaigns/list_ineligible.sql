{{ config(materialized="view") }}

{% set language = words() if execute else none -%}

-- Whom a list is about and who does not qualify, and why: for all, so it is stored for nobody and
-- worked out when somebody asks.

with unioned as (

    {% for list_code in var('lists') -%}
    select
        '{{ list_code }}' as list_code,
        whom.customer_id,
        whom.ineligible_code,
        {{ list_sentence(list_code, 'ineligible_code', 'ineligible', language) }}
            as ineligible_reason
    from {{ ref(list_code) }} as whom
    where whom.ineligible_code is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

farewells as (

    select * from {{ ref('customer_farewells') }}

),

-- what a list would have said of the dead, and of who asked to be erased, is not said
coded as (

    select
        unioned.*,
        case
            when farewells.is_deceased then 'deceased'
            when farewells.is_erasure_requested then 'erased'
            when farewells.is_in_doubt then 'farewell_in_doubt'
        end as farewell_code
    from unioned
    left join farewells
        on unioned.customer_id = farewells.customer_id

),

ineligible as (

    select
        list_code,
        customer_id,
        coalesce(farewell_code, ineligible_code) as reason_code,
        coalesce(
            {{ shared_sentence('farewell_code', 'exclusions', [
                'deceased', 'erased', 'farewell_in_doubt',
            ]) }},
            ineligible_reason
        ) as reason
    from coded

)

select * from ineligible
