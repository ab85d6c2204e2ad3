{{ config(post_hook="{{ analyze() }}") }}

-- What every feed of an active system declares of itself.
{%- set text = dbt.type_string() %}

with declared as (

    {% for feed in declared_feeds() -%}
    select
        '{{ feed.feed }}' as feed,
        '{{ feed.system_name }}' as system_name,
        '{{ feed.load_rule }}' as load_rule,
        '{{ feed.expected }}' as expected,
        {{ feed.grace_days }} as grace_days,
        {{ feed.doubt_below_pct }} as doubt_below_pct,
        {{ feed.follows_lists | lower }} as follows_lists,
        cast({{ "'" ~ feed.since ~ "'" if feed.since else 'null' }} as date) as since,
        {% for guard in var('guards') -%}
        {{ (guard in feed.guards) | lower }} as guards_{{ guard }},
        {% endfor -%}
        {% for day in range(7) -%}
        cast({{ feed.steps[day] if feed.steps else 'null' }} as integer) as step_{{ day + 1 }},
        {% endfor -%}
        cast({{ feed.days_a_week or 'null' }} as integer) as days_a_week,
        {{ feed.is_switched_on | lower }} as is_switched_on
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as {{ text }}) as feed,
        cast(null as {{ text }}) as system_name,
        cast(null as {{ text }}) as load_rule,
        cast(null as {{ text }}) as expected,
        0 as grace_days,
        0 as doubt_below_pct,
        false as follows_lists,
        cast(null as date) as since,
        {% for guard in var('guards') -%}
        false as guards_{{ guard }},
        {% endfor -%}
        {% for day in range(7) -%}
        cast(null as integer) as step_{{ day + 1 }},
        {% endfor -%}
        cast(null as integer) as days_a_week,
        false as is_switched_on
    where 1 = 0
    {% endfor %}

)

select * from declared
