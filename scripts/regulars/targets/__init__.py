"""Files as the tools take them: one declaration a target, in dbt_project/targets; no database.

forms         how a value is written: trimmed, E.164, MM/DD, a-z …
declaration   a target's columns, limits and what its tool accepts
destinations  which list goes to which target
rows          one person as the cells of a target's row, or why there is no row
validator     reads a finished file as the target's tool would
"""
