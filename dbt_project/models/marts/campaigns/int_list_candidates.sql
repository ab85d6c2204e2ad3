{{ config(materialized="view") }}

-- Everybody whom a list is about, on any list. A new list: its model, its extras, its definition.

{% set candidate_models = [
    ref('int_second_purchase_candidates'),
    ref('int_save_our_best_candidates'),
    ref('int_make_it_right_candidates'),
] %}

with unioned as (

    {% for model in candidate_models -%}
    {%- set own = list_extras()[model.identifier] -%}
    select
        list_code,
        customer_id,
        ineligible_code,
        ineligible_reason,
        score,
        tie_break_value,
        value_at_stake,
        reason_1,
        reason_2,
        reason_3,
        {% for name, type in all_list_extras().items() -%}
        cast({{ name if name in own else 'null' }} as {{ type }}) as {{ name }},
        {% endfor -%}
        suggested_action
    from {{ model }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

with_households as (

    select
        unioned.*,
        customers.household_id
    from unioned
    inner join {{ ref('dim_customers') }} as customers
        on unioned.customer_id = customers.customer_id

)

select * from with_households
