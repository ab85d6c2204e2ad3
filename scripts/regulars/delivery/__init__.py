"""What is published goes where the company's tools pick it up: each list once a target and
generation, without those who have said no since.

withdrawn   who of a generation may not be contacted any more
listed_people  who stands in which row of a published file
reduced     the files that go out, and the manifest that goes with them
connection  an Airflow connection as a file system
arrival     asks a target, puts a file there, reads it back
send        one target's delivery; `audience_tables` the same for tools that read the warehouse
delivery_log  what was delivered, in the decision log
"""
