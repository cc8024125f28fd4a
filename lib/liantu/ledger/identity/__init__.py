"""Rows to projects and firms: which rows over sources and snapshots speak of the same one."""
