"""Text to unit vectors. sentence-transformers, torch and onnxruntime live only here, and are imported late."""

from assistant.encoder.models import bundled_folder, find_model, verify_bundled
from assistant.encoder.opening import WITH_INDEX, export, is_exact, open_encoder, places_of, prepare_encoder
from assistant.encoder.protocol import Encoder, Progress, Vectors

__all__ = [
    "WITH_INDEX",
    "Encoder",
    "Progress",
    "Vectors",
    "bundled_folder",
    "export",
    "find_model",
    "is_exact",
    "open_encoder",
    "places_of",
    "prepare_encoder",
    "verify_bundled",
]
