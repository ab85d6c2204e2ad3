"""The desk: a small service on the loopback that adds what a file cannot. Whoever logs in does so
as a role of the warehouse, and what they read and write goes through that role's own connection.

app        the service, put together
sessions   who is logged in, in memory
guard      what every request must be, and every answer says
desk       what a log-in reads and writes down, in the warehouse
downloads  a list's file for a target, without those who have said no since
pages      the pages
serve      the server
"""
