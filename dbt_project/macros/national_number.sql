{#- The national part of a telephone number in normal form, without zeros in front: by it is found
    whom a number means that was written without its country (regulars/national_numbers.py).

        national_number("'+31612345678'")   612345678
        national_number("'+390669876543'")  669876543 -#}
{% macro national_number(normal_form) -%}
    {%- set calling_codes = var('calling_codes') if execute else '1' -%}
    regexp_replace({{ normal_form }}, '^[+]({{ calling_codes }})0*', '')
{%- endmacro %}
