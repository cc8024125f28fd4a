"""The site of one quarter: its pages, the front page with the index, and what is shared of it."""
