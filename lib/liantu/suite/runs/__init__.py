"""Pages run through papermill: a kernel each, several at a time, every ending named in one place."""
