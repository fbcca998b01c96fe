"""The plain numbers that tell topics apart, as `python -m evaluation.fit_topics` writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from assistant.errors import EncoderError
from assistant.topics.words import TopicVocabulary

REFIT = "Run: python -m evaluation.fit_topics"
_STEPS = 127  # of a word's weight: signed bytes

Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class DomainWeights:
    """A linear model of one domain. A topic's score for a text is

    `dense @ vector + sum(word_weight x words) + bias`, all divided by `temperature` before the softmax.
    `dense` is [topics, dim], `words` [terms, topics], `bias` [topics].
    """

    topics: tuple[str, ...]
    vocabulary: TopicVocabulary
    dense: Numbers
    words: Numbers
    bias: Numbers
    temperature: float

    def probabilities(self, text: str, vector: Numbers) -> Numbers:
        """One number a topic, in the order of `topics`; they add up to 1."""
        if vector.shape != (self.dense.shape[1],):
            raise ValueError(f"a vector of {self.dense.shape[1]} numbers was expected, not {vector.shape}")
        places, weights = self.vocabulary.weigh(text)
        scores = (self.dense @ vector + weights @ self.words[places] + self.bias) / self.temperature
        odds = np.exp(scores - scores.max())
        return np.asarray(odds / odds.sum(), dtype=np.float32)

    def packed(self) -> dict[str, NDArray[np.generic]]:
        """The arrays as stored: half floats, and signed bytes for the words, scaled topic by topic."""
        scale = np.maximum(np.abs(self.words).max(axis=0), 1e-9) / _STEPS
        return {
            "topics": np.array(self.topics),
            "terms": np.frombuffer("\n".join(self.vocabulary.terms).encode(), np.uint8),
            "rarity": self.vocabulary.rarity.astype(np.float16),
            "dense": self.dense.astype(np.float16),
            "words": np.rint(self.words / scale).astype(np.int8),
            "scale": scale.astype(np.float32),
            "bias": self.bias.astype(np.float32),
            "temperature": np.array(self.temperature, dtype=np.float64),
        }


def unpacked(arrays: Mapping[str, NDArray[np.generic]]) -> DomainWeights:
    """What `packed` stored."""
    terms = arrays["terms"].tobytes().decode().split("\n")
    return DomainWeights(
        topics=tuple(str(topic) for topic in arrays["topics"]),
        vocabulary=TopicVocabulary(terms, arrays["rarity"].astype(np.float32)),
        dense=arrays["dense"].astype(np.float32),
        words=arrays["words"].astype(np.float32) * arrays["scale"].astype(np.float32),
        bias=arrays["bias"].astype(np.float32),
        temperature=float(arrays["temperature"][()]),
    )


def write_weights(path: Path, domains: Mapping[str, DomainWeights], encoder_revision: str) -> None:
    """Writes all domains to one file, the same bytes for the same numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"{domain}.{name}": array
        for domain, weights in domains.items()
        for name, array in weights.packed().items()
    }
    # Not compressed: they are read before the first answer, and that takes 50 ms less.
    np.savez(path, allow_pickle=False, encoder=np.array(encoder_revision), **arrays)


def read_weights(path: Path) -> tuple[dict[str, DomainWeights], str]:
    """The domains of a file, and the revision of the encoder they were fitted for.

    Raises `EncoderError` if the file is missing or damaged.
    """
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, EOFError, ValueError, BadZipFile) as error:
        raise EncoderError(f"The topic weights in {path} cannot be read ({error}). {REFIT}") from error
    domains = dict.fromkeys(name.partition(".")[0] for name in arrays if "." in name)
    return {domain: unpacked(_of(domain, arrays)) for domain in domains}, str(arrays["encoder"][()])


def _of(domain: str, arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    prefix = f"{domain}."
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
