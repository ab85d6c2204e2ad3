{{ config(schema="pii") }}

{{ reported_contacts('call_desk') }}
