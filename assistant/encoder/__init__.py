"""Text to unit vectors. sentence-transformers, torch and onnxruntime live only here, and are imported late."""

from assistant.encoder.models import bundled_folder, verify_bundled
from assistant.encoder.opening import open_encoder, places_of, prepare_encoder
from assistant.encoder.protocol import Encoder, Progress, Vectors

__all__ = [
    "Encoder",
    "Progress",
    "Vectors",
    "bundled_folder",
    "open_encoder",
    "places_of",
    "prepare_encoder",
    "verify_bundled",
]
