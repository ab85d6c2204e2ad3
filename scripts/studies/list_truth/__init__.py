"""Are those on a list the right ones? Each beside a plain rule, against the simulator's truth."""
