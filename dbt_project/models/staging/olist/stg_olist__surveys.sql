-- A review is a satisfaction score from 1 to 5. What people wrote stays in raw.
with reviews as (

    {{ visible_rows('olist', 'olist_order_reviews') }}

),

orders as (

    select * from {{ ref('stg_olist__orders') }}

)

select
    {{ concat_text(['reviews.review_id', "'-'", 'reviews.order_id']) }} as survey_id,
    orders.customer_id,
    cast(null as {{ dbt.type_string() }}) as case_id,
    'csat' as kind,
    reviews.review_score as score,
    reviews.review_answer_timestamp as answered_at
from reviews
inner join orders on reviews.order_id = orders.order_id
