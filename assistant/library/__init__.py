"""The articles of a corpus: bring one in, replace it, take it away, list them. No change is ever half made."""
