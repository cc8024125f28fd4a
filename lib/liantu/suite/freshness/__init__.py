"""Whether a page is up to date with all that it was made from, and if not, why not."""
