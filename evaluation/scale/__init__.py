"""How the assistant holds up from ten thousand passages to a million."""
