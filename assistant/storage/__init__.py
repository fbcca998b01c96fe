"""Index generations on disk: never half an index."""
