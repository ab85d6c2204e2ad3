{#- [feed, what an unreadable row of it leaves in doubt]. It follows from what the feed guards: a sale,
    a case, an answer, an account, a referral; a service feed of another system may hold cases and answers alike.
    Of a feed that a list's claim needs it is that claim, under the feed's own name. The no's of
    feeds that forbid a contact have their own way (unheeded_words). -#}
{% macro doubted_feeds() -%}
    {%- set named = {'cases': ['case'], 'surveys': ['answer'], 'referrals': ['referral']} -%}
    {%- set needed = regulars.needed_feeds() | map('last') | list -%}
    {%- set doubted = [] -%}
    {%- for feed in regulars.declared_feeds() -%}
        {%- set guarded = (['sale'] if 'sales' in feed.guards else [])
            + (['case', 'answer'] if 'service' in feed.guards else [])
            + (['account'] if 'permission' in feed.guards and not feed.forbids else []) -%}
        {%- set abouts = named.get(feed.feed, guarded)
            + ([feed.feed] if feed.feed in needed else []) -%}
        {%- for about in abouts -%}
            {%- do doubted.append([feed.feed, about]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(doubted) }}
{%- endmacro %}
