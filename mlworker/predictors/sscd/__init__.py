"""Embeddings that find copies and crops (SSCD)."""
