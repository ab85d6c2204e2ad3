"""The command line, a file a subject. Each command calls a library function and prints."""
