"""People who leave: all that is kept of one exported, an account erased, what is over cleared."""
