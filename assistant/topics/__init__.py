"""What a question asks about and what a passage tells."""
