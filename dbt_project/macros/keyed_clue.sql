{#
A clue to whom a line means, as it is kept once the line's text is gone.

    key   expression: secret bytes
    kind  text expression: cell, email or phone
    clue  text expression: the id by loose_id, the address in normal form

    keyed_clue('key', "'cell'", 'clue')   keyed_hash over `clue|cell|c77`
#}
{% macro keyed_clue(key, kind, clue) -%}
    {{ return(regulars.keyed_hash(key, 'clue', kind ~ " || '|' || " ~ clue)) }}
{%- endmacro %}
