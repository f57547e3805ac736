"""Hold the room of whoever runs a campaign."""
