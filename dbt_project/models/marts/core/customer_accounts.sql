{{ config(post_hook="{{ analyze(['account_id', 'customer_id', 'is_own']) }}") }}

with accounts as (

    {{ union_systems('customers') }}

),

people as (

    select * from {{ ref('int_account_people') }}

),

set_aside as (

    select
        account_id,
        set_aside_for
    from {{ ref('int_account_roots') }}
    where set_aside_for is not null

)

select
    accounts.customer_id as account_id,
    coalesce(people.customer_id, accounts.customer_id) as customer_id,
    people.account_id is null as is_own,
    {{ local_date('people.merged_at') }} as merged_on,
    set_aside.set_aside_for
from accounts
left join people on accounts.customer_id = people.account_id
left join set_aside on accounts.customer_id = set_aside.account_id
