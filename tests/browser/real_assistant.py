"""The real engine on the real corpus, its index built where the settings say."""

from assistant.answering import Assistant
from assistant.building import ensure_index
from assistant.encoder import open_encoder
from assistant.settings import read_settings


def open_real() -> Assistant:
    """As `python app.py` opens it."""
    settings = read_settings()
    encoder = open_encoder(settings.encoder)
    index = ensure_index(settings.corpus_dir, settings.index_dir, encoder, None, lambda message: None)
    return Assistant(index, encoder, settings.top_k, settings.region)
