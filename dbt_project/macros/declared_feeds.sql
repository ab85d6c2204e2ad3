{#- What the sources of the active systems say about their deliveries: one mapping a feed, in order
    of names. `steps` are the days from each weekday (Monday first) to the next expected one; none
    for a feed that is expected once a month, or only when there is something to say. -#}
{% macro declared_feeds() -%}
    {%- set weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] -%}
    {%- set feeds = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() | sort(attribute='identifier') -%}
            {%- set delivery = node.config.meta.delivery or node.meta.delivery -%}
            {%- if delivery and node.source_name in var('systems') -%}
                {%- set expected = delivery.expected or 'daily' -%}
                {%- set days = {'daily': weekdays, 'weekly': []}.get(expected, [])
                    if expected is string else expected -%}
                {%- set steps = [] -%}
                {%- for i in range(7) if days -%}
                    {%- for step in range(1, 8) | reverse if weekdays[(i + step) % 7] in days -%}
                        {%- if loop.last -%}{%- do steps.append(step) -%}{%- endif -%}
                    {%- endfor -%}
                {%- endfor -%}
                {%- do feeds.append({
                    'feed': node.identifier,
                    'system_name': node.source_name,
                    'load_rule': delivery.load or 'append',
                    'expected': expected if expected is string else expected | join(' '),
                    'steps': [7] * 7 if expected == 'weekly' else steps,
                    'days_a_week': 1 if expected == 'weekly' else days | length,
                    'grace_days': delivery.late_after_days or 0,
                    'since': delivery.since,
                    'doubt_below_pct': delivery.doubt_below_pct | default(50)
                        if delivery.load != 'snapshot' and (days or expected == 'weekly') else 0,
                    'follows_lists': delivery.follows_lists or false,
                    'guards': delivery.guards or [],
                    'forbids': delivery.forbids or false,
                    'key': delivery.key or [],
                    'allowed': regulars.allowed_values(node, delivery.key or []),
                    'version': delivery.version,
                    'relation': node.relation_name,
                    'is_switched_on': node.identifier not in var('feeds_off', []),
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(feeds) }}
{%- endmacro %}
