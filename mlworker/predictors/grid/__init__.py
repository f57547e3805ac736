"""An embedder without torch: the double for tests."""
