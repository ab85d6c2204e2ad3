{#- How the product writes tables and views holds for this project too: dbt takes another project's
    way only where it is named. -#}
{% materialization table, adapter='postgres' -%}
    {{ return(regulars.materialization_table_postgres()) }}
{%- endmaterialization %}

{% materialization view, adapter='postgres' -%}
    {{ return(regulars.materialization_view_postgres()) }}
{%- endmaterialization %}

{% materialization view, adapter='spark' -%}
    {{ return(regulars.materialization_view_spark()) }}
{%- endmaterialization %}

{% materialization incremental, adapter='spark', supported_languages=['sql'] -%}
    {{ return(regulars.materialization_incremental_spark()) }}
{%- endmaterialization %}
