{{ config(materialized="view") }}

{{ union_systems('contacts') }}
