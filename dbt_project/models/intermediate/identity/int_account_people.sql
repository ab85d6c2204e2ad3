{{ config(
    indexes=[{"columns": ["account_id"], "unique": true}, {"columns": ["customer_id"]}],
    post_hook="{{ analyze() }}",
) }}

-- depends_on: {{ ref('int_account_people_before') }}

-- Which person an account is tonight, of accounts that go by another's name. The person bears the
-- id at which the merges end; of one that nobody delivered as a customer, the smallest that is.

with roots as (

    select * from {{ ref('int_account_roots') }}

),

delivered as (

    {{ union_systems('customers') }}

),

members as (

    select
        account_id,
        root_id
    from roots
    union
    select
        root_id as account_id,
        root_id
    from roots

),

known as (

    select
        members.root_id,
        members.account_id,
        row_number() over (
            partition by members.root_id
            order by
                case when members.account_id = members.root_id then 0 else 1 end asc nulls last,
                {{ text_order('members.account_id') }} asc nulls last
        ) as place
    from members
    inner join delivered on members.account_id = delivered.customer_id

),

named as (

    select
        members.account_id,
        coalesce(known.account_id, members.root_id) as customer_id,
        roots.merged_at
    from members
    left join known
        on
            members.root_id = known.root_id
            and known.place = 1
    left join roots on members.account_id = roots.account_id

)

select
    account_id,
    customer_id,
    merged_at
from named
where account_id <> customer_id
