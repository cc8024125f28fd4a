"""One ledger too large for the memory, cleaned piece by piece on Dask by the same functions as any other, with the same result."""
