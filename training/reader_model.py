"""The reader as it is trained: question and passage read together, many questions beside one passage at a time.

The transformer is the tuned encoder's. The passage's tokens see the passage alone, the question's tokens see
question and passage: what the reader knows of a passage does not depend on the question and is computed once for all
of them, in training and when it is asked. The lowest layers stay the encoder's own and read either alone, which costs
little (Cao et al. 2020) and saves a quarter of the work. The question's first token says whether the passage answers,
and points at start and end.
"""

import math
from dataclasses import dataclass, fields
from typing import cast

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
    """Passages [b, tokens] and questions put to them [n, tokens], as ids with masks; `home` [n] is whose each is."""

    passages: Tensor
    passage_mask: Tensor
    questions: Tensor
    question_mask: Tensor
    home: Tensor

    def to(self, device: str) -> "Packed":
        """The same on another device."""
        return Packed(*(getattr(self, each.name).to(device) for each in fields(self)))


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
        query, key, value = self.query(states), self.key(states), self.value(states)
        of_passages, of_questions = packed.passage_mask, packed.question_mask
        keys, values = (_padded(each[:passage_tokens], of_passages) for each in (key, value))
        own = _attended(_padded(query[:passage_tokens], of_passages), keys, values, of_passages)
        asked_keys, asked_values = (_padded(each[passage_tokens:], of_questions) for each in (key, value))
        sees = of_questions
        if together:
            asked_keys, asked_values, sees = (
                torch.cat([passage[packed.home], asked], 1)
                for passage, asked in (
                    (keys, asked_keys),
                    (values, asked_values),
                    (of_passages, of_questions),
                )
            )
        asked = _attended(_padded(query[passage_tokens:], of_questions), asked_keys, asked_values, sees)
        seen = self.out(torch.cat([own[of_passages], asked[of_questions]]))
        states = self.norm(states + self.dropout(seen))
        new: Tensor = self.last_norm(states + self.dropout(self.shrink(F.gelu(self.grow(states)))))
        return new


def _padded(states: Tensor, mask: Tensor) -> Tensor:
    """States of all tokens [sum of mask, d] by text [texts, tokens, d]."""
    empty = states.new_zeros(*mask.shape, states.shape[-1])
    return empty.masked_scatter(mask.unsqueeze(-1), states)


def heads_of(states: Tensor) -> Tensor:
    """States [n, tokens, 384] by head [n, heads, tokens, 32]."""
    return states.reshape(*states.shape[:2], HEADS, HIDDEN // HEADS).transpose(1, 2)


def _attended(query: Tensor, key: Tensor, value: Tensor, sees: Tensor) -> Tensor:
    # Written out: PyTorch's own fused attention is several times slower backwards on a CPU.
    query, key, value = map(heads_of, (query, key, value))
    scores = query @ key.transpose(2, 3) / math.sqrt(HIDDEN // HEADS)
    hidden = scores.new_zeros(sees.shape).masked_fill(~sees, -1e4)
    seen = (scores + hidden[:, None, None, :]).softmax(3).to(value.dtype) @ value
    return seen.transpose(1, 2).flatten(2)


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

    def forward(self, packed: Packed) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of "it answers" [n], of the span's first and last token, each [n, tokens of the passage]."""
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

    def read_off(self, passages: Tensor, questions: Tensor, packed: Packed) -> tuple[Tensor, Tensor, Tensor]:
        """The logits, from the last states by text."""
        passage, mask = passages[packed.home], packed.question_mask.unsqueeze(-1)
        first, tokens = questions[:, 0], mask.sum(1)
        nearest = _nearest(questions, passage, packed.passage_mask[packed.home]).unsqueeze(-1)
        likeness, least = (nearest * mask).sum(1) / tokens, nearest.masked_fill(~mask, 1.0).amin(1)
        logits = self.judge(torch.cat([first, questions.sum(1) / tokens, likeness, least], 1)).squeeze(1)
        starts, ends = (self.point(first) / math.sqrt(HIDDEN)).chunk(2, 1)
        start, end = (
            torch.bmm(passage, each.to(passage.dtype).unsqueeze(-1)).squeeze(-1) for each in (starts, ends)
        )
        hidden = ~packed.passage_mask[packed.home]
        return logits, start.masked_fill(hidden, -1e4), end.masked_fill(hidden, -1e4)


def _positions(mask: Tensor) -> Tensor:
    return (mask.cumsum(1) - 1)[mask]


def _nearest(questions: Tensor, passage: Tensor, mask: Tensor) -> Tensor:
    """Of each token the greatest cosine with a token of the passage [n, tokens] (Khattab and Zaharia 2020)."""
    cosines = F.normalize(questions, dim=2) @ F.normalize(passage, dim=2).transpose(1, 2)
    return cosines.masked_fill(~mask[:, None, :], -1.0).amax(2).float()
