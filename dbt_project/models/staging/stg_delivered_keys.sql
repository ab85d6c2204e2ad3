{{ config(materialized="view") }}

-- Every delivered row of the feeds whose rows in quarantine leave something in doubt, or may be a
-- no, by the key that its feed declares, and its version beside it: a later row of that key says
-- what is true now. Without a key only a replay makes such a row good.
{%- set text = dbt.type_string() %}
{%- set null_text = 'cast(null as ' ~ text ~ ')' %}
{%- set doubted = doubted_feeds() | map('first') | list %}
{%- set feeds = [] %}
{%- for feed in declared_feeds() if feed.feed in doubted or feed.forbids %}
    {%- set parts = feed.key[1:] | reject('equalto', feed.version) | list %}
    {%- set all_parts = [] %}
    {%- for name in feed.key if name != feed.version %}
        {%- do all_parts.append(text_of(name)) %}
    {%- endfor %}
    {%- do feeds.append({'feed': feed.feed, 'relation': feed.relation,
        'row_key': all_parts | join(" || ',' || ") or null_text,
        'row_id': text_of(feed.key[0]) if feed.key else null_text,
        'part_id': text_of(parts[0]) if parts else null_text,
        'further_id': text_of(parts[1]) if parts | length > 1 else null_text,
        'version': text_of(feed.version) if feed.version else null_text}) %}
{%- endfor %}

with delivered as (

    {% for feed in feeds -%}
    select
        '{{ feed.feed }}' as feed,
        {{ feed.row_key }} as row_key,
        {{ feed.row_id }} as row_id,
        {{ feed.part_id }} as part_id,
        {{ feed.further_id }} as further_id,
        {{ feed.version }} as version,
        _delivery_id as delivery_id,
        cast(_line as bigint) as line
    from {{ feed.relation }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as {{ text }}) as feed,
        cast(null as {{ text }}) as row_key,
        cast(null as {{ text }}) as row_id,
        cast(null as {{ text }}) as part_id,
        cast(null as {{ text }}) as further_id,
        cast(null as {{ text }}) as version,
        cast(null as bigint) as delivery_id,
        cast(null as bigint) as line
    where 1 = 0
    {% endfor %}

)

select * from delivered
