{#- One row: p, q and gamma of the spend law that scores the night. -#}
{% macro spend_parameters() -%}
    select
        max(case when parameter = 'p' then value end) as p,
        max(case when parameter = 'q' then value end) as q,
        max(case when parameter = 'gamma' then value end) as gamma
    from {{ source('scores', 'model_parameters') }}
    where
        model = 'gamma_gamma'
        and as_of = {{ regulars.as_of() }}
        and fitted_on = {{ regulars.as_of() }}
{%- endmacro %}

{#- The mean of a purchase day to come, given so many with such a total. Fader and Hardie (2013),
    "The Gamma-Gamma model of monetary value", eq. 5; null where the mean does not exist.
    `spend` names a row of p, q and gamma, as spend_parameters gives. -#}
{% macro expected_spend(purchase_days, total, spend='spend') -%}
    {%- set shape = spend ~ '.q + ' ~ spend ~ '.p * ' ~ purchase_days -%}
    case
        when {{ shape }} > 1
            then {{ regulars.ratio(
                spend ~ '.p * (' ~ spend ~ '.gamma + ' ~ total ~ ')', shape ~ ' - 1', 6
            ) }}
    end
{%- endmacro %}

{#- Var(S | N), in units of one expected purchase, of a beta-prime: N² / (Q − 2)
    + N·(Q − 1) / (p·(Q − 2)), Q = q + p·n for n purchase days. It is infinite at Q = 2: the divisor
    Q − 2 is held at 0.5. `orders` and `orders_variance` are the mean and the variance of N. -#}
{% macro spend_variance(orders, orders_variance, purchase_days) -%}
    {%- set shape = 'spend.q + spend.p * ' ~ purchase_days -%}
    {%- set squared_orders = '(' ~ orders_variance ~ ' + ' ~ orders ~ ' * ' ~ orders ~ ')' -%}
    {{ regulars.ratio(
        squared_orders ~ ' + ' ~ orders ~ ' * (' ~ shape ~ ' - 1) / spend.p',
        'greatest(' ~ shape ~ ' - 2, 0.5)',
        8
    ) }}
{%- endmacro %}
