"""Projects and firms on the links of the chains: what ledgers state, words, a text model, and how sure all this is."""
