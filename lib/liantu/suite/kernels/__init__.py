"""The kernels that pages run in: warm ones, forked from a process that has the imports done, and ordinary ones."""
