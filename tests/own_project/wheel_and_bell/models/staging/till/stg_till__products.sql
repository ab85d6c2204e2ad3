select
    article as product_id,
    min(article) as name,
    min(shelf) as category,
    cast(null as numeric(14, 2)) as unit_cost,
    max(price) as list_price
from ({{ regulars.current_version('till', 'till_receipts') }}) as receipts
group by article
