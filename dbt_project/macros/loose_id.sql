{#- An id as a careless hand would still mean it: without case, spaces, punctuation, leading zeros,
    full-width forms, marks, letters that only look Latin or are several in one
    (regulars/look_alikes.py), O for 0, I and l for 1, and a number without the decimal that a
    spreadsheet or a column with a gap gives it. Two ids that share it may be one person: enough to
    stop a contact, never enough to merge, to erase or to pronounce dead.

    | id        | loose id |
    |-----------|----------|
    | C-00123   | c123     |
    | ｃ００１２３    | c123     |
    | С123 (Cyrillic С) | c123 |
    | Ç⑫③      | c123     |
    | 0077.0    | 77       |
    | C-OOl23   | c123     | -#}
{% macro loose_id(expression) -%}
    {{ return(adapter.dispatch('loose_id', 'regulars')(regulars.letters_as_meant(expression))) }}
{%- endmacro %}

{#- l and I become 1 at the end: a letter still ends the number before it. What looks around itself
    copies nothing, and leaves what it has looked at to the next. -#}
{% macro default__loose_id(letters) -%}
    translate(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    translate(lower({{ letters }}), 'o', '0'), '^([0-9]+)[.]0+$', '\1'
                ),
                '[^a-z0-9]+', '', 'g'
            ),
            '(?<![0-9])0+(?=[0-9il])', '', 'g'
        ),
        'il', '11'
    )
{%- endmacro %}
