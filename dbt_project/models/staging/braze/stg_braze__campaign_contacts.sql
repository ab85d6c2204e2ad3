{{ config(schema="pii") }}

{{ reported_contacts('braze') }}
