{{ config(tags=['oracle'], enabled='house' in var('systems', ['house'])) }}
-- The current order lines recomputed without windows: no later row of the key is visible.
with visible as (

    select
        rows_delivered.*,
        deliveries.delivery_rank
    from {{ source('house', 'order_lines') }} as rows_delivered
    inner join {{ ref('stg_deliveries') }} as deliveries
        on rows_delivered._delivery_id = deliveries.delivery_id

),

latest as (

    select
        visible.order_id,
        visible.line_no,
        visible.product_id,
        visible.quantity,
        visible.unit_price
    from visible
    where not exists (
        select 1
        from visible as later
        where
            visible.order_id = later.order_id
            and visible.line_no = later.line_no
            and (
                later.updated_at > visible.updated_at
                or (
                    later.updated_at = visible.updated_at
                    and (
                        later.delivery_rank > visible.delivery_rank
                        or (
                            later.delivery_rank = visible.delivery_rank
                            and later._line > visible._line
                        )
                    )
                )
            )
    )

),

staged as (

    select
        order_id,
        line_no,
        product_id,
        quantity,
        unit_price
    from {{ ref('stg_house__order_lines') }}

),

missing as (

    select * from latest
    except
    select * from staged

),

surplus as (

    select * from staged
    except
    select * from latest

)

select * from missing
union all
select * from surplus
