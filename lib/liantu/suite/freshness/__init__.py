"""Whether a page is up to date with all it was made from, and what changed where it is not."""
