{#- An id as a careless hand would still mean it: without case, spaces, punctuation, leading zeros,
    full-width forms and letters that only look Latin. Two ids that share it may be one person:
    enough to stop a contact, never enough to merge, to erase or to pronounce dead.

    | id        | loose id |
    |-----------|----------|
    | C-00123   | c123     |
    | ｃ００１２３    | c123     |
    | С123 (Cyrillic С) | c123 |
    | Mc O'0Hara 7 | mcoohara7 | -#}
{% macro loose_id(expression) -%}
    {%- set full_width = '０１２３４５６７８９ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ' -%}
    {%- set ascii = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ' -%}
    {%- set cyrillic = 'АВЕЅІЈКМНОРСТУХаеѕіјкорсухЗ' -%}
    {%- set greek = 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαικν' -%}
    {%- set from = full_width ~ cyrillic ~ greek -%}
    {%- set to = ascii ~ 'ABESIJKMHOPCTYXaesijkopcyx3' ~ 'ABEZHIKMNOPTYXoaikv' -%}
    {{ return(adapter.dispatch('loose_id', 'regulars')(
        "lower(translate(" ~ expression ~ ", '" ~ from ~ "', '" ~ to ~ "'))"
    )) }}
{%- endmacro %}

{% macro default__loose_id(plain) -%}
    regexp_replace(
        regexp_replace({{ plain }}, '[^a-z0-9]+', '', 'g'),
        '(^|[^0-9])0+([0-9])', '\1\2', 'g'
    )
{%- endmacro %}
