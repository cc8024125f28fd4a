"""From an executed notebook to a page: the nbconvert exporter `liantu`, its template, words and files."""
