{#
An id or address as the log keeps it of somebody who was erased: a hash that only the key can make.

    key   expression: secret bytes
    kind  id, email or phone
    word  text expression: the id as delivered, the address in normal form

    keyed_hash('key', 'email', 'address')   SHA-256 over key and `email|ada@…`, in hex
#}
{% macro keyed_hash(key, kind, word) -%}
    {{ return(adapter.dispatch('keyed_hash', 'regulars')(key, kind, word)) }}
{%- endmacro %}

{% macro default__keyed_hash(key, kind, word) -%}
    encode(sha256({{ key }} || convert_to('{{ kind }}|' || {{ word }}, 'UTF8')), 'hex')
{%- endmacro %}
