"""Rows held against each other: other ledgers of the same date, earlier and later snapshots, and the rest of their sheet."""
