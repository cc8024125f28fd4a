"""From notebooks to pages: the matrix of pages, their runs through papermill, the exporter to HTML, and the site with its index."""
