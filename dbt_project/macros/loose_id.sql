{#- An id as a careless hand would still mean it: without case, spaces, punctuation, leading zeros,
    full-width forms, letters that only look Latin (regulars/look_alikes.py), O for 0, I and l
    for 1, and a number without the decimal that a spreadsheet or a column with a gap gives it. Two
    ids that share it may be one person: enough to stop a contact, never enough to merge, to erase
    or to pronounce dead.

    | id        | loose id |
    |-----------|----------|
    | C-00123   | c123     |
    | ｃ００１２３    | c123     |
    | С123 (Cyrillic С) | c123 |
    | 0077.0    | 77       |
    | C-OOl23   | c123     | -#}
{% macro loose_id(expression) -%}
    {%- set from, to = var('look_alikes') if execute else ('', '') -%}
    {{ return(adapter.dispatch('loose_id', 'regulars')(expression, from, to)) }}
{%- endmacro %}

{#- l and I become 1 at the end: a letter still ends the number before it. -#}
{% macro default__loose_id(expression, from, to) -%}
    translate(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    translate(lower(translate({{ expression }}, '{{ from }}', '{{ to }}')), 'o', '0'),
                    '^([0-9]+)[.]0+$', '\1'
                ),
                '[^a-z0-9]+', '', 'g'
            ),
            '(^|[^0-9])0+([0-9il])', '\1\2', 'g'
        ),
        'il', '11'
    )
{%- endmacro %}

{#- Of a million ids a third of the time: most have no letter to translate, and what looks around
    itself copies nothing. -#}
{% macro postgres__loose_id(expression, from, to) -%}
    translate(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    translate(
                        lower(
                            case
                                when octet_length({{ expression }}) = length({{ expression }})
                                    then {{ expression }}
                                else translate({{ expression }}, '{{ from }}', '{{ to }}')
                            end
                        ),
                        'o', '0'
                    ),
                    '^([0-9]+)[.]0+$', '\1'
                ),
                '[^a-z0-9]+', '', 'g'
            ),
            '(?<![0-9])0+(?=[0-9il])', '', 'g'
        ),
        'il', '11'
    )
{%- endmacro %}
