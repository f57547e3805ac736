"""Images in, prefills and embeddings out; it knows neither Django nor the application's database."""
