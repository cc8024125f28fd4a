"""One ledger too large for the memory, cleaned piece by piece on Dask by the same functions as any other, with the same result."""

from liantu.ledger.bulk.parquets import read_parquet
from liantu.ledger.bulk.run import clean_bulk, needs_bulk
from liantu.ledger.bulk.sizes import is_large

__all__ = ["clean_bulk", "is_large", "needs_bulk", "read_parquet"]
