"""Files of releases, one by one or all in a zip."""
