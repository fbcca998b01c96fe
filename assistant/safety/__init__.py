"""What is looked at before any search: rules, cards and notices for the moments that matter."""
