"""How each rater, and a model, uses the scale."""
