"""The reader as it is trained: question and passage read together, many questions beside one passage at a time.

The transformer is the tuned encoder's. The passage's tokens see the passage alone, the question's tokens see
question and passage: what the reader knows of a passage does not depend on the question and is computed once for all
of them, in training and when it is asked. The lowest layers stay the encoder's own and read either alone, which costs
little (Cao et al. 2020) and saves a quarter of the work. The question's first token says whether the passage answers,
and points at start and end.
"""

import math
from dataclasses import dataclass, fields
from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import nn

Tensor = torch.Tensor
HIDDEN, HEADS = 384, 12
ALONE = 2
"""Layers that read question and passage apart."""
DROPOUT = 0.1
_JUDGE = 192


@dataclass(frozen=True, slots=True)
class Packed:
    """Passages [b, tokens] and the questions put to each [b, most, tokens], as ids with masks; a passage that is asked
    less than the most has empty questions at its end."""

    passages: Tensor
    passage_mask: Tensor
    questions: Tensor
    question_mask: Tensor

    @property
    def asked(self) -> Tensor:
        """Which questions are none of the empty ones [b, most]."""
        return self.question_mask.any(2)

    def to(self, device: str) -> "Packed":
        """The same on another device."""
        return Packed(*(getattr(self, each.name).to(device) for each in fields(self)))


class Reading(NamedTuple):
    """Logits of "it answers" [n], of the span's first and last token, each [n, tokens of the passage], and, by token of
    the question, of "the passage does not bear this out" [n, tokens]. The last are learnt from and not shipped."""

    logits: Tensor
    starts: Tensor
    ends: Tensor
    doubts: Tensor


class Layer(nn.Module):
    """A layer of BERT (Devlin et al. 2019) whose questions also see the keys and values of a passage."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.query, self.key, self.value, self.out = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))
        self.grow, self.shrink = nn.Linear(HIDDEN, 4 * HIDDEN), nn.Linear(4 * HIDDEN, HIDDEN)
        self.norm, self.last_norm = (nn.LayerNorm(HIDDEN, eps=1e-12) for _ in range(2))

    def forward(self, states: Tensor, packed: Packed, passage_tokens: int, together: bool) -> Tensor:
        """New states [tokens of all passages, then of all questions, 384]."""
        query, key, value = (
            self.query(states) / math.sqrt(HIDDEN // HEADS),
            self.key(states),
            self.value(states),
        )
        of_passages, of_questions = packed.passage_mask, packed.question_mask
        known, asking = (
            [heads_of(_padded(each[part], mask)) for each in (query, key, value)]
            for part, mask in (
                (slice(passage_tokens), of_passages),
                (slice(passage_tokens, None), of_questions),
            )
        )
        own = _weights(_scores(known[0], known[1], of_passages)) @ known[2]
        scores = _scores(asking[0], asking[1], of_questions)
        if together:
            of_passage = _by_passage(asking[0], known[1].transpose(-2, -1))
            scores = torch.cat([scores, of_passage + _hidden(of_passages, scores)[:, None, None, None]], -1)
        weights, tokens = _weights(scores), of_questions.shape[-1]
        asked = weights[..., :tokens] @ asking[2]
        if together:
            asked = asked + _by_passage(weights[..., tokens:], known[2])
        seen = self.out(torch.cat([_joined(own)[of_passages], _joined(asked)[of_questions]]))
        states = self.norm(states + self.dropout(seen))
        new: Tensor = self.last_norm(states + self.dropout(self.shrink(F.gelu(self.grow(states)))))
        return new


def _padded(states: Tensor, mask: Tensor) -> Tensor:
    """States of all tokens [sum of mask, d] by text [texts, tokens, d]."""
    empty = states.new_zeros(*mask.shape, states.shape[-1])
    return empty.masked_scatter(mask.unsqueeze(-1), states)


def heads_of(states: Tensor) -> Tensor:
    """States [..., tokens, 384] by head [..., heads, tokens, 32]."""
    return states.reshape(*states.shape[:-1], HEADS, HIDDEN // HEADS).transpose(-3, -2)


def _joined(states: Tensor) -> Tensor:
    return states.transpose(-3, -2).flatten(-2)


def _scores(query: Tensor, key: Tensor, sees: Tensor) -> Tensor:
    """How much each token looks at each of its own text [..., heads, tokens, tokens]."""
    # Attention is written out: PyTorch's own fused one is several times slower backwards on a CPU.
    scores = query @ key.transpose(-2, -1)
    return scores + _hidden(sees, scores)[..., None, None, :]


def _hidden(sees: Tensor, like: Tensor) -> Tensor:
    return like.new_zeros(sees.shape).masked_fill(~sees, -1e4)


def _weights(scores: Tensor) -> Tensor:
    return scores.softmax(-1).to(scores.dtype)


def _by_passage(of_questions: Tensor, of_passage: Tensor) -> Tensor:
    """The product of what each question has [b, most, heads, tokens, m] and what its passage has [b, heads, m, k]."""
    # A passage's own is not repeated for each of its questions: that took a quarter of a step.
    asked = of_questions.transpose(1, 2)
    product = asked.flatten(2, 3) @ of_passage
    return product.reshape(*asked.shape[:4], -1).transpose(1, 2)


class Reader(nn.Module):
    """Word vectors stay the encoder's own."""

    words: Tensor
    places: Tensor

    def __init__(self, words: Tensor, places: Tensor, layers: int = 6) -> None:
        super().__init__()
        self.register_buffer("words", words, persistent=False)
        self.register_buffer("places", places, persistent=False)
        self.first_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.lower = nn.ModuleList(Layer() for _ in range(ALONE)).requires_grad_(False)
        self.first_norm.requires_grad_(False)
        self.asks = nn.Parameter(torch.zeros(HIDDEN))
        self.layers = nn.ModuleList(Layer(DROPOUT) for _ in range(layers - ALONE))
        self.judge = nn.Sequential(nn.Linear(2 * HIDDEN + 2, _JUDGE), nn.GELU(), nn.Linear(_JUDGE, 1))
        self.point = nn.Linear(HIDDEN, 2 * HIDDEN)
        self.doubt = nn.Linear(HIDDEN, 1)

    def forward(self, packed: Packed) -> Reading:
        """What is read of the questions that were asked, n in all."""
        size = int(packed.passage_mask.sum())
        with torch.no_grad():
            states = self.first_norm(
                torch.cat(
                    [
                        self.words[ids[mask]] + self.places[_positions(mask)]
                        for ids, mask in (
                            (packed.passages, packed.passage_mask),
                            (packed.questions, packed.question_mask),
                        )
                    ]
                )
            )
            for layer in self.alone:
                states = layer(states, packed, size, together=False)
        states = torch.cat([states[:size], states[size:] + self.asks])
        for layer in self.together:
            states = layer(states, packed, size, together=True)
        return self.read_off(
            _padded(states[:size], packed.passage_mask).float(),
            _padded(states[size:], packed.question_mask).float(),
            packed,
        )

    @property
    def alone(self) -> list[Layer]:
        """The layers that read question and passage apart, lowest first."""
        return [cast(Layer, layer) for layer in self.lower]

    @property
    def together(self) -> list[Layer]:
        """The layers in which a question sees the passage, lowest first."""
        return [cast(Layer, layer) for layer in self.layers]

    def read_off(self, passages: Tensor, questions: Tensor, packed: Packed) -> Reading:
        """The logits, from the last states by text."""
        asked = packed.asked
        nearest = _nearest(questions, passages, packed.passage_mask)[asked].unsqueeze(-1)
        own, mask = questions[asked], packed.question_mask[asked].unsqueeze(-1)
        tokens = mask.sum(1)
        likeness, least = (nearest * mask).sum(1) / tokens, nearest.masked_fill(~mask, 1.0).amin(1)
        logits = self.judge(torch.cat([own[:, 0], own.sum(1) / tokens, likeness, least], 1)).squeeze(1)
        ends = (self.point(questions[:, :, 0]) / math.sqrt(HIDDEN)).chunk(2, 2)
        hidden = ~packed.passage_mask[:, None]
        start, end = (
            torch.bmm(each, passages.to(each.dtype).transpose(1, 2)).masked_fill(hidden, -1e4)[asked]
            for each in ends
        )
        doubts = self.doubt(own).masked_fill(~mask, -1e4).squeeze(2)
        return Reading(logits, start, end, doubts)


def _positions(mask: Tensor) -> Tensor:
    return (mask.cumsum(-1) - 1)[mask]


def _nearest(questions: Tensor, passages: Tensor, mask: Tensor) -> Tensor:
    """Of each token of a question the greatest cosine with one of its passage [b, most, tokens] (Khattab and Zaharia
    2020)."""
    tokens = F.normalize(questions, dim=3).flatten(1, 2)
    cosines = tokens @ F.normalize(passages, dim=2).transpose(1, 2)
    return cosines.masked_fill(~mask[:, None], -1.0).amax(2).reshape(questions.shape[:3]).float()
