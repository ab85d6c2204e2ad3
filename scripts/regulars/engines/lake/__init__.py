"""An engine that builds in a lake of Parquet files instead of in PostgreSQL.

mirror   sources: PostgreSQL to Parquet, deliveries once, the rest each layer
session  a process of its own: the engine's, with dbt in it (its environment may be another one)
carry    what Python and readers need: Parquet to PostgreSQL, typed by the contracts
finished what is whole: the word for it names its files, and a reader is refused where one is gone
arrow_types  PostgreSQL's types as Arrow's, and back
"""
