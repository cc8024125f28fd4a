"""Back-scheduling (倒排工期): from a required date the latest date of each step, and the chance of making it."""
