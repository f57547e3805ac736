"""Hold the predictors, one file per model; the only place that may import a model's library."""
