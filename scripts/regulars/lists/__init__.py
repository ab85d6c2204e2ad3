"""What leaves the house: list files, and the usable forms of the contact data in them.

contacts     e-mail addresses and phone numbers to the form that matching and files use
permission   the last check before a file: no hold-out, nobody without consent; its steps stand
             in permission.sql, their rows come from permission_rows and raw_*
export       a night's members to files
spreadsheet  makes a cell safe to open; `files` writes it whole or not at all
manifest     says what lies in the folder
"""
