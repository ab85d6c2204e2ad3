"""What is published goes where the company's tools pick it up: each list once a target and
generation, without those who have said no since.

withdrawn      who of a generation may not be contacted any more
listed_people  who stands in which row of a published file
reduced        the files that go out, and the manifest that goes with them
connection     an Airflow connection as a file system
target_folder  asks a target, puts a file there, reads it back
send           every list that goes to one target
audience_tables  the same for tools that read the warehouse
sent_log       what was sent, in the decision log
"""
