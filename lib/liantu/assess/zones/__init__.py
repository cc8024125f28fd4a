"""Development zones: results per mu, land and factories, enclaves, digital upgrade."""
