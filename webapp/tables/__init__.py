"""Tables laid out once for the page and for CSV."""
