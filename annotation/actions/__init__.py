"""The verbs of the flow: each checks, saves, records an event and returns."""
