{{ config(tags=['oracle']) }}
-- Before hysteresis, each tier reaches down to its share of all people, rounded up, and no further.
with placed as (

    select
        value_tier_tonight,
        net_clv_12m,
        count(*) over () as people
    from {{ ref('customer_lifetime_values') }}

),

cuts as (

    {% for tier, cut, names in [
        ('platinum', 1, "'platinum'"),
        ('gold', 5, "'platinum', 'gold'"),
        ('silver', 10, "'platinum', 'gold', 'silver'"),
        ('bronze', 25, "'platinum', 'gold', 'silver', 'bronze'"),
        ('standard', 50, "'platinum', 'gold', 'silver', 'bronze', 'standard'"),
    ] -%}
    select
        '{{ tier }}' as tier,
        ceil(max(people) * {{ cut }} / 100.0) as expected,
        sum(case when value_tier_tonight in ({{ names }}) then 1 else 0 end) as actual,
        min(case when value_tier_tonight in ({{ names }}) then net_clv_12m end) as lowest_inside,
        max(
            case when value_tier_tonight not in ({{ names }}) then net_clv_12m end
        ) as highest_outside
    from placed
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from cuts
where
    expected <> actual
    or lowest_inside < highest_outside
