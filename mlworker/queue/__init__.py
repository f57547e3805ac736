"""The way from the queue to a model and back."""
