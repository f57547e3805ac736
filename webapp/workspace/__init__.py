"""The room of whoever annotates or adjudicates."""
