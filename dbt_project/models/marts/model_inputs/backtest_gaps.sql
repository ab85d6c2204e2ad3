select
    origin,
    gap_days,
    count(*) as gaps
from {{ ref('int_backtest_known_days') }}
where gap_days is not null
group by origin, gap_days
