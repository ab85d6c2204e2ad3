{{ config(post_hook="{{ analyze() }}") }}

-- Who has died, as far as anybody told us: what is said of one of their accounts is theirs.
with noes as (

    select * from {{ ref('int_standing_noes') }}
    where kind = 'death'

),

people as (

    select
        account_id,
        customer_id
    from {{ ref('int_account_people') }}

)

select distinct coalesce(people.customer_id, noes.customer_id) as customer_id
from noes
left join people on noes.customer_id = people.account_id
