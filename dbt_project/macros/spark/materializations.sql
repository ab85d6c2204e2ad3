{#- Every table is built whole in Spark, so is_incremental() is false there and the temporary tables
    of incremental models never come about. -#}
{% materialization incremental, adapter='spark', supported_languages=['sql'] -%}
    {{ return(materialization_table_spark()) }}
{%- endmaterialization %}

{#- Spark plans a view anew wherever it is named: what others read is written once. -#}
{% materialization view, adapter='spark' -%}
    {{ return(materialization_table_spark()) }}
{%- endmaterialization %}
