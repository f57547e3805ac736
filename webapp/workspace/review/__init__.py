"""Cases adjudicated, names hidden."""
