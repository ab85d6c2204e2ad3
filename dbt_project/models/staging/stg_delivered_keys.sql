{{ config(materialized="view") }}

-- Every delivered row of the feeds whose rows in quarantine leave a sale or a case in doubt, by
-- the key that its feed declares. Without a key only a replay makes such a row good.
{%- set feeds = [] %}
{%- for feed in declared_feeds() if 'sales' in feed.guards or 'service' in feed.guards %}
    {%- do feeds.append(feed) %}
{%- endfor %}
{%- set text = dbt.type_string() %}

with delivered as (

    {% for feed in feeds -%}
    select
        '{{ feed.feed }}' as feed,
        {{ text_of(feed.key[0]) if feed.key else 'cast(null as ' ~ text ~ ')' }} as row_id,
        {{ text_of(feed.key[1]) if feed.key | length > 1 else 'cast(null as ' ~ text ~ ')' }}
            as part_id,
        _delivery_id as delivery_id,
        cast(_line as bigint) as line
    from {{ feed.relation }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as {{ text }}) as feed,
        cast(null as {{ text }}) as row_id,
        cast(null as {{ text }}) as part_id,
        cast(null as bigint) as delivery_id,
        cast(null as bigint) as line
    where 1 = 0
    {% endfor %}

)

select * from delivered
