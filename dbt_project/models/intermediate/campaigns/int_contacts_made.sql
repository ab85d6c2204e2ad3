{{ config(materialized="view") }}

-- What reached for a person. Being shown an advertisement is none: it wearies nobody and keeps
-- nobody waiting.

select *
from {{ ref('fct_campaign_contacts') }}
where channel <> 'ads'
