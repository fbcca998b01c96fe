"""The real engine on the real corpus, its index built where the settings say."""

from assistant.answering import Assistant
from assistant.building import ensure_index
from assistant.encoder import open_encoder
from assistant.serving import LiveAssistant, open_live
from assistant.settings import read_settings


def open_served() -> LiveAssistant:
    """As `python app.py` serves it: what is published is taken up."""
    live = open_live(read_settings(), None, print)
    live.watch()
    return live


def open_real() -> Assistant:
    """As `python app.py` opens it."""
    settings = read_settings()
    encoder = open_encoder(settings.encoder)
    index = ensure_index(settings.corpus_dir, settings.index_dir, encoder, None, lambda message: None)
    return Assistant(index, encoder, settings.top_k, settings.region)
