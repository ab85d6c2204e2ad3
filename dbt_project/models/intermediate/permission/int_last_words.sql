{#- What a system takes back, or says of an address, may change without a delivery that names the
    account: beside such a one all words are put together anew. -#}
{%- set says_for_good = var('systems_that_say_for_good') -%}
{%- set is_kept = systems_with('permission_events') | reject('in', says_for_good) | list == [] -%}
{{ config(
    schema="pii",
    materialized="incremental" if is_kept else "table",
    incremental_strategy="delete+insert",
    unique_key=["customer_id"],
    on_schema_change="fail",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

{#- The reference stands before the branch, so that dbt sees it whichever branch a night takes. -#}
{%- set deliveries = ref('stg_deliveries') %}
{%- set kinds = "('consent', 'death', 'erasure')" %}

-- When each account last said yes and no to what it can take back: consents, deaths, requests to
-- be forgotten.

with events as (

    select * from {{ ref('int_permission_events') }}
    where kind in {{ kinds }}

),

last_words as (

    select
        kind,
        customer_id,
        reference,
        channel,
        purpose,
        max(case when not is_no then happened_at end) as yes_at,
        min(case when is_no then happened_at end) as first_no_at,
        max(case when is_no then happened_at end) as no_at,
        max(case when is_no and happened_at is null then 1 else 0 end) = 1 as has_undated_no
    from events
    {%- if is_incremental() %}
    -- a yes that waited for its day is later than every yes that the last build counted, if any
    where
        customer_id in (
            select fresh.customer_id
            from {{ ref('int_permission_events') }} as fresh
            where
                fresh.kind in {{ kinds }}
                and (
                    fresh.delivery_id in ({{ new_deliveries() }})
                    or fresh.happened_at > (
                        select
                            coalesce(
                                max(kept.yes_at), cast('0001-01-01' as {{ type_instant() }})
                            )
                        from {{ this }} as kept
                    )
                )
        )
    {%- endif %}
    group by kind, customer_id, reference, channel, purpose

)

select * from last_words
