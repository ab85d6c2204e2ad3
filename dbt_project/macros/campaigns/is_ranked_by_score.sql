{#- Whether a list keeps the order of its own score when its effect is measured (`rank: score`). -#}
{% macro is_ranked_by_score(list_code) -%}
    {%- set codes = [] -%}
    {%- for code in (var('lists') if execute else []) -%}
        {%- if regulars.list_definition(code).rank == 'score' -%}
            {%- do codes.append("'" ~ code ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ list_code ~ ' in (' ~ codes | join(', ') ~ ')' if codes else 'false' }}
{%- endmacro %}
