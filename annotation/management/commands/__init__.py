"""Hold the commands of the domain."""
