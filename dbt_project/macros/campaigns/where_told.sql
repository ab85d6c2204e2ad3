{#-
What is said of somebody where it can be needed, else null: on a list `about: people`, whose SQL hands
on all columns of int_customers_described, of who agreed to what it is sent by. Whoever did not is
stopped, and most sentences would be of them.

    where_told('win_back', 'action_code')
        ->  case when consent_email_marketing then action_code end
-#}
{% macro where_told(list_code, said) -%}
    {%- set consent = regulars.needed_consent(list_code) if execute else none -%}
    {{ 'case when ' ~ consent ~ ' then ' ~ said ~ ' end' if consent else said }}
{%- endmacro %}

{#- The column of int_customers_described without which nobody is on the list; none where its rows do
    not know it. -#}
{% macro needed_consent(list_code) -%}
    {%- set list = regulars.list_definition(list_code) -%}
    {%- if list.about == 'people' and list.class in ['marketing', 'audience'] -%}
        {%- if list.purpose == 'advertising' -%}
            {{ return('consent_ads') }}
        {%- elif list.purpose == 'marketing' and list.channel in ['email', 'phone', 'post'] -%}
            {{ return('consent_' ~ list.channel ~ '_marketing') }}
        {%- endif -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
