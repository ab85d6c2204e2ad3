"""What every published table is made of, by dbt's manifest: `make lineage` writes the page."""
