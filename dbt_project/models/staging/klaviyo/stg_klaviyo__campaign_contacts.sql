{{ config(schema="pii") }}

{{ reported_contacts('klaviyo') }}
