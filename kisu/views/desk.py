"""The desk: where a person starts, by role; and the calendar of all rooms."""
