"""Text to unit vectors. sentence-transformers, torch and onnxruntime live only here, and are imported late."""

from assistant.encoder.models import bundled_folder, find_model, verify_bundled
from assistant.encoder.opening import WITH_INDEX, export, is_exact, open_encoder, places_of, prepare_encoder
from assistant.encoder.protocol import FLOAT32, INT8, PRECISIONS, Encoder, Progress, Vectors

__all__ = [
    "FLOAT32",
    "INT8",
    "PRECISIONS",
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
