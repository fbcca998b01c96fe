"""Fits the linear model of one domain's topics: softmax over the encoder's vector and the words."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from torch import nn

from assistant.topics.weights import DomainWeights
from assistant.topics.words import TopicVocabulary, pieces, words_and_pairs
from evaluation.topic_examples import Example, chatty, named

Numbers = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Numbers]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes into a fit; the ablation switches one piece off at a time."""

    kinds: frozenset[str] = frozenset({"questions", "more", "mended", "not", "statements", "label", "none"})
    words: float = 0.4
    """How much the words' directions weigh beside the vector; 0 leaves them out."""
    names: int = 2
    """Variations of each example that name a drug or condition."""
    chatty: bool = True
    directions: int = 300
    """The words are fitted along this many directions (singular vectors), which keeps rare ones in check."""
    fewest_words: int = 2
    fewest_pieces: int = 4
    most_pieces: int = 6000
    passes: int = 15
    batch: int = 128
    rate: float = 3e-3
    decay: float = 0.05
    smoothing: float = 0.05
    dropout: float = 0.1
    sharpness: float = 12.0**0.5
    """Unit vectors are lengthened by this, so that few steps suffice."""


def varied(examples: Iterable[Example], domain: str, recipe: Recipe) -> list[Example]:
    """The examples of the recipe's kinds and their variations.

    Labels have none, statements are never chatty, and nothing off-topic names a drug.
    """
    chosen = [example for example in examples if example.kind in recipe.kinds]
    nameable = [example for example in chosen if example.kind not in ("label", "none")]
    others = [named(each, domain, number) for each in nameable for number in range(recipe.names)]
    if recipe.chatty:
        others += [chatty(each) for each in chosen if each.kind not in ("label", "statements")]
    return chosen + others


def fit(examples: Sequence[Example], domain: str, encode: Encode, recipe: Recipe) -> DomainWeights:
    """The weights of a domain. Temperature is left at 1. The same input gives the same numbers."""
    all_examples = varied(examples, domain, recipe)
    plain = [example.text for example in all_examples if not example.variation]
    vocabulary = learn_vocabulary(plain, recipe)
    topics = tuple(sorted({example.topic for example in all_examples}))
    directions = _directions(vocabulary, plain, recipe)
    texts = [example.text for example in all_examples]
    words = _matrix(vocabulary, texts) @ directions.T * recipe.words
    model = _train(
        np.hstack([encode(texts), words]).astype(np.float32) * recipe.sharpness,
        np.array([topics.index(example.topic) for example in all_examples]),
        np.array([example.weight for example in all_examples], dtype=np.float32),
        recipe,
    )
    weight: Numbers = np.asarray(model.weight.detach().numpy() * recipe.sharpness, dtype=np.float32)
    dim = weight.shape[1] - len(directions)
    return DomainWeights(
        topics=topics,
        vocabulary=vocabulary,
        dense=weight[:, :dim],
        words=np.asarray(directions.T @ weight[:, dim:].T * recipe.words, dtype=np.float32),
        bias=model.bias.detach().numpy(),
        temperature=1.0,
    )


def learn_vocabulary(texts: Sequence[str], recipe: Recipe) -> TopicVocabulary:
    """Words and pairs, then the commonest pieces, of texts without variations."""
    words = Counter(term for text in texts for term in set(words_and_pairs(text)))
    parts = Counter(term for text in texts for term in set(pieces(text)))
    common = sorted(parts, key=lambda term: (-parts[term], term))[: recipe.most_pieces]
    terms = sorted(term for term in words if words[term] >= recipe.fewest_words)
    terms += sorted(term for term in common if parts[term] >= recipe.fewest_pieces)
    counts = np.array([(parts if term.startswith("#") else words)[term] for term in terms])
    rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
    return TopicVocabulary(terms, rarity.astype(np.float32))


def cooled(weights: DomainWeights, temperature: float) -> DomainWeights:
    """The same model, its scores divided by `temperature`."""
    return replace(weights, temperature=temperature)


def _directions(vocabulary: TopicVocabulary, texts: Sequence[str], recipe: Recipe) -> Numbers:
    matrix = _matrix(vocabulary, texts)
    count = min(recipe.directions, min(matrix.shape) - 1)
    svd = TruncatedSVD(count, random_state=0, n_iter=2).fit(matrix)
    return np.asarray(svd.components_, dtype=np.float32)


def _matrix(vocabulary: TopicVocabulary, texts: Sequence[str]) -> csr_matrix:
    rows = [vocabulary.weigh(text) for text in texts]
    ends = np.cumsum([0] + [len(places) for places, _ in rows])
    places, weights = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return csr_matrix((weights, places, ends), shape=(len(texts), len(vocabulary.terms)))


def _train(vectors: Numbers, topics: NDArray[np.intp], weights: Numbers, recipe: Recipe) -> nn.Linear:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x, y, w = torch.from_numpy(vectors), torch.from_numpy(topics), torch.from_numpy(weights)
    model = nn.Linear(x.shape[1], int(y.max()) + 1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    batches = -(-len(x) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=recipe.passes * batches, pct_start=0.1
    )
    loss = nn.CrossEntropyLoss(reduction="none", label_smoothing=recipe.smoothing)
    order = np.random.default_rng(0)
    for _ in range(recipe.passes):
        for batch in np.array_split(order.permutation(len(x)), batches):
            optimiser.zero_grad()
            scores = model(nn.functional.dropout(x[batch], recipe.dropout))
            (loss(scores, y[batch]) * w[batch]).mean().backward()
            optimiser.step()
            schedule.step()
    return model
