"""Bytes of images, without a database: files, colours, tiles, likeness, embeddings."""
