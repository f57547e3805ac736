"""Names, columns and bytes of a release: what every other room of the dataset agrees on."""
