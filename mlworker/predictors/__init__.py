"""The models, one folder a kind; the only place that may import a model's library.

In each folder `predictor.py` holds the model; beside it, where there are any, `prompts.py` (words it is asked with),
`settings.py`, `weights.py` (files it is read from). What several share lies here: `base.py`, `embedder.py`,
`imagenet.py`, `torch_memory.py`."""
