{{ config(schema="pii") }}

{{ reported_noes('klaviyo') }}
