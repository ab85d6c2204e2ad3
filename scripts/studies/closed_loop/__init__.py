"""The closed loop over a year: lists ranked by what they were measured to change, by value, or no
lists at all, in the same simulated companies."""
