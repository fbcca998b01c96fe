"""Measures the assistant. Imports the package; the package never imports this."""
