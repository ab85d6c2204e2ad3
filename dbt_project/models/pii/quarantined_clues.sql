{{ config(post_hook="{{ analyze() }}") }}

-- What stands in unreadable lines of feeds that forbid a contact, in the form in which it is
-- compared, and as the keyed hash that is left of it once the retention has taken the line's text.
{%- set feeds = [] %}
{%- for feed in declared_feeds() if feed.forbids %}
    {%- do feeds.append("'" ~ feed.feed ~ "'") %}
{%- endfor %}

with lines as (

    select
        delivery_id,
        line
    from {{ source('ledger', 'quarantine') }}
    where feed in ({{ feeds | join(', ') or "'none'" }})

),

terms as (

    select
        terms.delivery_id,
        terms.line,
        terms.kind,
        case
            when terms.kind = 'cell' then {{ loose_id('terms.term') }}
            when terms.kind in ('email', 'phone') then terms.term
        end as clue,
        case when terms.kind = 'keyed' then terms.term end as keyed_hash
    from {{ source('personal', 'quarantined_terms') }} as terms
    inner join lines
        on
            terms.delivery_id = lines.delivery_id
            and terms.line = lines.line

),

suppression_key as (

    select key from {{ source('decisions', 'suppression_key') }}

),

quarantined_clues as (

    select
        terms.delivery_id,
        cast(terms.line as bigint) as line,
        terms.kind,
        terms.clue,
        coalesce(
            terms.keyed_hash,
            {{ keyed_clue('suppression_key.key', 'terms.kind', 'terms.clue') }}
        ) as keyed_hash
    from terms
    cross join suppression_key
    where terms.keyed_hash is not null or terms.clue <> ''

)

select * from quarantined_clues
