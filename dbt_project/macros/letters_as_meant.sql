{#- A text with plain letters and digits for those that are taken for them or are several of them
    (regulars/look_alikes.py). Most texts have none: of a million ids that is a third of the time.

        letters_as_meant("'Ç-Ⅻ'")   C-xii -#}
{% macro letters_as_meant(expression) -%}
    {%- set nothing = {'written': '', 'meant': '', 'several_in_one': []} -%}
    {%- set letters = var('look_alikes') if execute else nothing -%}
    case
        when {{ regulars.octets(expression) }} = length({{ expression }}) then {{ expression }}
        else {{ 'replace(' * letters.several_in_one | length -}}
            translate({{ expression }}, '{{ letters.written }}', '{{ letters.meant }}')
            {%- for letter, meant in letters.several_in_one -%}
                , '{{ letter }}', '{{ meant }}')
            {%- endfor %}
    end
{%- endmacro %}
