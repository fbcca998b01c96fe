"""The real engine on the real corpus, its index built where the settings say."""

from assistant.serving import LiveAssistant, open_live
from assistant.settings import read_settings


def open_served() -> LiveAssistant:
    """As `python app.py` serves it: what is published is taken up."""
    live = open_live(read_settings(), None, print)
    live.watch()
    return live


def open_real() -> LiveAssistant:
    """As `python app.py` opens it."""
    return open_live(read_settings(), None, lambda message: None)
