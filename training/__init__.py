"""Trains what is shipped under `assistant/models`. Imports the package; the package never imports this."""
