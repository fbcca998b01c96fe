"""Words, drug names and conditions, as they stand in a question."""
