"""The room of whoever runs a campaign."""
