"""All figures of one table of ratings, or of one campaign, put together."""
