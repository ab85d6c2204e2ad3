{{ config(post_hook="{{ analyze() }}") }}

-- Values can be compared with a night that logged what they were reckoned with.
select max(publications.as_of) as as_of
from {{ source('decisions', 'effective_publications') }} as publications
inner join {{ source('decisions', 'effective_value_terms') }} as terms
    on publications.as_of = terms.as_of
where
    publications.as_of < {{ as_of() }}
    and terms.term = 'purchase_model'
having max(publications.as_of) is not null
