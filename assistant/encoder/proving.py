"""The proof that an exported copy is the encoder: the same tokens and the same vectors on fixed texts."""

import numpy as np

from assistant.encoder.exported import LEAST_COSINE, ExportedEncoder
from assistant.encoder.protocol import INT8
from assistant.encoder.reference import SentenceTransformerEncoder
from assistant.errors import EncoderError

LEAST_EXACT_COSINE = 0.9999
"""Rounding leaves more than .999999; a layer left out, or another pooling, far less."""

TEXTS = (
    "What is it used for?",
    "can i drink while im on these",
    "",
    " ",
    "0.5 mg twice a day, 2.5 ml (½ tsp) – never more than 20 mg/day!",
    "Naïve Łódź Nguyễn ΔΣ straße ﬁt",
    "日本語の医薬品 and 中文",
    "😀 [SEP] [CLS] [MASK] ##ing </s> <s>",
    "line one\nline two\r\n\tthree",
    "a\u0301 \u200b soft\u00adhyphen \u00a0 no-break",
    "benzodiazepine-receptor-antagonist flumazenil " + "x" * 150,
    "The dose is set by the doctor. " * 4,
    "The medicine is taken by mouth, with or without food, once or several times a day. " * 12,
    "word " * 3000,
)
"""Short and long, cut off at the limit, and every kind of sign that a tokenizer treats in its own way."""


def least_cosine(reference: SentenceTransformerEncoder, exported: ExportedEncoder) -> float:
    """The least cosine of a text's two vectors, alone and in a batch. Raises `EncoderError` if any is too low."""
    for text in TEXTS:
        if reference.token_ids(text) != exported.token_ids(text):
            raise _different(reference, f"the tokens of {text[:40]!r} differ")
        if reference.count_tokens(text) != exported.count_tokens(text):
            raise _different(reference, f"the number of tokens of {text[:40]!r} differs")
    expected = reference.encode_queries(TEXTS)
    found = [exported.encode_queries(TEXTS), exported.encode_passages(TEXTS)]
    if any(rows.shape != expected.shape for rows in found):
        raise _different(reference, "its vectors are of another length")
    least = float(min(np.einsum("ij,ij->i", expected, rows).min() for rows in found))
    if not least >= LEAST_EXACT_COSINE:
        raise _different(
            reference, f"a cosine of {least:.6f} with its own vectors is below {LEAST_EXACT_COSINE}"
        )
    return min(least, 1.0)


def least_cosine_in_eight_bits(exact: ExportedEncoder, quick: ExportedEncoder) -> float:
    """The least cosine of a text's vectors in 32 and in eight bits.

    Raises `EncoderError` if it is too low, or if `quick` itself does without its eight bits.
    """
    if quick.precision != INT8:
        raise EncoderError("the probe is not near enough in eight bits")
    rows = exact.encode_queries(TEXTS), quick.encode_queries(TEXTS)
    least = float(np.einsum("ij,ij->i", *rows).min())
    if not least >= LEAST_COSINE:
        raise EncoderError(f"in eight bits a cosine of {least:.4f} is below {LEAST_COSINE}")
    return min(least, 1.0)


def _different(reference: SentenceTransformerEncoder, what: str) -> EncoderError:
    return EncoderError(f"The exported copy of the encoder {reference.name} is not equal to it: {what}.")
