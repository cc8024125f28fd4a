"""Sheets to tables: where the tables of a sheet are, what their headers mean, and which rows are their body."""
