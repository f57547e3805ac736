"""The domain: images in, judgements collected, a dataset out; no HTTP."""
