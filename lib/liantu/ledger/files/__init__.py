"""Files to sheets: what a file is by its content, its cells with merged ranges, and why it cannot be read."""
