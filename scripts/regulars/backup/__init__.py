"""One file that a warehouse comes back from: its database, and the files of its live generation."""
