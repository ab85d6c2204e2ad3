{#- A mean as far as it is credible: own experience of so much weight, and a prior that counts for
    `credibility` more.

        (own × weight + prior × credibility) / (weight + credibility)

    | own | weight | prior | credibility | result |
    |-----|--------|-------|-------------|--------|
    | 0.8 | 3      | 0.4   | 1           | 0.7    |
    | 0.8 | 0      | 0.4   | 1           | 0.4    |
-#}
{% macro credible(own, weight, prior, credibility, scale=6) -%}
    {{ regulars.credible_of_total(own ~ ' * ' ~ weight, weight, prior, credibility, scale) }}
{%- endmacro %}

{#- The same where own experience is known as a total, which is own × weight. -#}
{% macro credible_of_total(total, weight, prior, credibility, scale=6) -%}
    {{ regulars.ratio(
        total ~ ' + ' ~ credibility ~ ' * ' ~ prior,
        weight ~ ' + ' ~ credibility,
        scale
    ) }}
{%- endmacro %}

{#- How much of own experience counts: weight / (weight + credibility). -#}
{% macro credibility(weight, credibility, scale=6) -%}
    {{ regulars.ratio(weight, weight ~ ' + ' ~ credibility, scale) }}
{%- endmacro %}
