"""Bring a release that was written to where others find it: the Hugging Face Hub and Zenodo. Plain Python."""
