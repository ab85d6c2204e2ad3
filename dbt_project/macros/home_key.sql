{#- One spelling of an address, to be compared with others: country, postcode and street in lower
    case without accents, punctuation and spaces (but between two numbers); "Street", "straat" and
    "Straße" as they are abbreviated, a flat by its number alone, and an umlaut that is written out
    as its letter (what else that shortens, it shortens in every spelling). Null without a postcode
    or a house number, and of a box or a parcel station: nobody lives there.

    | country | postcode | street              | key                          |
    |---------|----------|---------------------|------------------------------|
    | NL      | 1012 AB  | Kerkstraat 12-A     | nl \| 1012ab \| kerkstr12a    |
    | nl      | 1012ab   | kerkstr. 12 a       | nl \| 1012ab \| kerkstr12a    |
    | FR      | 75011    | 5, rue de l'Église  | fr \| 75011 \| 5rudeleglise   |
    | GB      | LS4 2QT  | 3 1 Mill Road       | gb \| ls42qt \| 3 1millrd     |
    | DE      | 80469    | Muellerstrasse 5    | de \| 80469 \| mullerstr5     |
    | IE      | D02 X285 | Mill Road 12 Flat 3 | ie \| d02x285 \| millrd12 3   |
    | NL      | 1012 AB  | Postbus 12          |                              |
-#}
{% macro home_key(country, postcode, street) -%}
    {#- Of postcode and street what plain_postcode and plain_street give, which are worked out once. -#}
    {%- set shortened = namespace(street=street) -%}
    {%- for long, short in [
        ('strasse', 'str'), ('straat', 'str'), ('street', 'st'), ('road', 'rd'), ('lane', 'ln'),
        ('drive', 'dr'), ('square', 'sq'), ('avenue', 'av'), ('ave', 'av'),
        ('boulevard', 'bd'), ('blvd', 'bd'),
        ('ae', 'a'), ('oe', 'o'), ('ue', 'u'), ('aa', 'a'),
    ] -%}
        {%- set shortened.street = "replace(" ~ shortened.street ~ ", '" ~ long ~ "', '" ~ short ~ "')" -%}
    {%- endfor -%}
    case
        when
            translate({{ street }}, '0123456789', '') <> {{ street }}
            and {{ street }} not like '%postbus%'
            and {{ street }} not like '%postfach%'
            and {{ street }} not like '%packstation%'
            and {{ street }} not like 'pobox%'
            and {{ street }} not like 'bp%'
            and {{ postcode }} <> ''
            then {{ regulars.concat_text([
                regulars.lower_case("coalesce(" ~ country ~ ", '')"), "' | '", postcode, "' | '", shortened.street,
            ]) }}
    end
{%- endmacro %}


{#- A postcode as letters and digits alone. -#}
{% macro plain_postcode(line) -%}
    replace({{ regulars.without_accents(line) }}, ' ', '')
{%- endmacro %}


{#- Letters and digits of a line of an address, without what a flat is called, and a space between
    two numbers: flat 3 of number 12 is not number 123. -#}
{% macro plain_street(line) -%}
    {%- set words = namespace(left=regulars.without_accents(line)) -%}
    {%- for flat in ['apartment', 'apt', 'flat'] -%}
        {%- set words.left = "replace(" ~ words.left ~ ", '" ~ flat ~ "', ' ')" -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('close_up', 'regulars')(words.left)) }}
{%- endmacro %}


{% macro default__close_up(words) -%}
    trim(both ' ' from replace(replace(replace(
        regexp_replace({{ words }}, '([^0-9 ]) +| +([^0-9 ])', '\1\2', 'g'), '  ', ' '
    ), '  ', ' '), '  ', ' '))
{%- endmacro %}
