"""Hold the room of whoever annotates or adjudicates."""
