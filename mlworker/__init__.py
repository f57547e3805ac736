"""Turn images into prefills; know neither Django nor the application's database."""
