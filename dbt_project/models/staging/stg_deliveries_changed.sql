with counting as (

    select * from {{ ref('stg_deliveries') }}

),

built as (

    select delivery_id
    from {{ source('ops', 'built_deliveries') }}
    where prefix = '{{ var("schema_prefix", "") }}'

),

arrived as (

    select
        delivery_id,
        false as is_gone
    from counting
    where is_new

),

-- Replaced by a corrected file or a later snapshot: its rows must vanish.
gone as (

    select
        built.delivery_id,
        true as is_gone
    from built
    left join counting on built.delivery_id = counting.delivery_id
    where counting.delivery_id is null

)

select * from arrived
union all
select * from gone
