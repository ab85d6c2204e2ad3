{{ config(materialized="view") }}

-- Whom a value is told of: who has bought and may buy again. What the dead bought still counts in
-- averages and in what the models learn from.
with inputs as (

    select * from {{ ref('int_customer_value_inputs') }}
    where purchase_days > 0

)

select inputs.*
from inputs
left join {{ ref('deceased_customers') }} as deceased
    on inputs.customer_id = deceased.customer_id
where deceased.customer_id is null
