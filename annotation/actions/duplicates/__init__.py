"""Near duplicates: groups of images, pairs to confirm or reject, embeddings compared."""
