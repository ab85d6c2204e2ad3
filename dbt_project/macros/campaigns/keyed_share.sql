{#
A number in [0, 1) that only the key and the words decide: the draw of a hold-out.

    key    expression: secret bytes
    words  list of text expressions, joined by a vertical bar

    keyed_share('key', ["household_id", "list_code"])   'h1', 'welcome' -> .7312…, always

The first 32 bits of SHA-256 over key and words, divided by 2^32.
#}
{% macro keyed_share(key, words) -%}
    {{ return(adapter.dispatch('keyed_share', 'regulars')(key, words)) }}
{%- endmacro %}

{% macro default__keyed_share(key, words) -%}
    {%- set digest = "sha256(" ~ key ~ " || convert_to(" ~ words | join(" || '|' || ") ~ ", 'UTF8'))" -%}
    (
        cast(
            cast(cast('x' || left(encode({{ digest }}, 'hex'), 8) as bit(32)) as bigint)
            as numeric(12, 0)
        ) / 4294967296.0
    )
{%- endmacro %}
