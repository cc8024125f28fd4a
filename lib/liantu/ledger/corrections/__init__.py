"""A person's word on single cells, and on which rows are one project: corrections.yml, each entry guarded by what it expects to find."""
