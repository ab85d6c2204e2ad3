"""What the dbt project declares and Python reads as well: one source for both.

list_definitions  what each list is (models/marts/campaigns), refused if it makes no sense
list_words        what a list says, and the words that all lists share
campaign_rules    what holds for all lists (seeds/campaign_rules.csv), refused likewise
file_columns      the columns that every list file has
variables         tier cuts, lifecycle and language (dbt_project.yml)
bounds, located   what a value may be; YAML that knows its lines
"""
