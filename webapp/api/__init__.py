"""What programs ask, our own pages included; a version of the API in each folder."""
