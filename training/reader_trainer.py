"""The reader's model, its optimiser, and one step of training."""

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import torch
import torch.nn.functional as F
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers import BertModel

from assistant.encoder.adapter import merge_adapter
from assistant.encoder.models import find_model
from assistant.settings import TUNED_ENCODER
from assistant.word_pieces import read_tokenizer
from training.practice import Practice
from training.reader_model import Reader, Reading
from training.reader_packs import Packer, Row, Wanted, batch
from training.reader_steps import Draw

SEED = 7
TOKENS, DRAWN = 3000, 16
"""About so many tokens a step, of at most so many passages."""
RATE, HEAD_RATE, WARM_UP, LEAST_RATE = 2e-4, 1e-3, 60, 0.05
SURE = 0.98
"""What the reader is to be sure of: labels are one author's each, and some are wrong."""
SPAN_WEIGHT, TWIN_WEIGHT, DOUBT_WEIGHT, SOME_DOUBT_WEIGHT = 0.5, 0.5, 1.0, 0.3
_HEADS = ("judge", "point", "doubt")

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

Tensor = torch.Tensor


class Loss(NamedTuple):
    """What a step learnt from: mean losses of judging, of pointing, of telling twins apart and of doubting words, and
    how many questions."""

    judged: float
    pointed: float
    told: float
    doubted: float
    questions: int


class Stage(NamedTuple):
    """How many steps a stage takes, how likely each material is drawn from, whether the rate falls to its end, with how
    much of the full rate it begins, and what its chance follows from."""

    steps: int
    shares: Mapping[str, float]
    falling: bool
    rate: float = 1.0
    seed: int = SEED


class Trainer:
    """One stage, on from the `reader` of the stage before."""

    def __init__(self, reader: Reader, materials: Mapping[str, Draw], stage: Stage) -> None:
        self.model, self.materials, self.stage = reader.to(DEVICE), materials, stage
        self._practised = [each for each in materials.values() if isinstance(each, Practice)]
        self._packer = Packer(open_tokenizer())
        named = [(name, weight) for name, weight in reader.named_parameters() if weight.requires_grad]
        head = [weight for name, weight in named if name.startswith(_HEADS)]
        body = [weight for name, weight in named if not name.startswith(_HEADS)]
        self.weights = [*body, *head]
        self.optimiser = torch.optim.AdamW(
            [{"params": body, "peak": RATE * stage.rate}, {"params": head, "peak": HEAD_RATE * stage.rate}],
            weight_decay=0.01,
        )

    def step(self, number: int) -> Loss:
        """One step; everything random in it follows from its number."""
        self.model.train()
        chance = random.Random(f"{self.stage.seed} {number}")
        torch.manual_seed(chance.getrandbits(63))
        falling = max(LEAST_RATE, 1 - number / self.stage.steps) if self.stage.falling else 1.0
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * min(1, (number + 1) / WARM_UP) * falling
        names, shares = list(self.stage.shares), list(self.stage.shares.values())
        drawn = [self.materials[name].row(chance) for name in chance.choices(names, shares, k=DRAWN)]
        rows = batch(drawn, self._packer, TOKENS, chance)
        packed, wanted = self._packer.pack(rows)
        with torch.autocast(DEVICE, dtype=torch.bfloat16):
            read = self.model(packed.to(DEVICE))
            judged, pointed, told, doubted = _losses(read, wanted.to(DEVICE))
        self.optimiser.zero_grad()
        loss = judged + SPAN_WEIGHT * pointed + TWIN_WEIGHT * told + doubted
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        self._note(rows, read.logits.detach().float(), wanted.labels.to(DEVICE))
        return Loss(judged.item(), pointed.item(), told.item(), doubted.item(), len(wanted.labels))

    def _note(self, rows: Sequence[Row], logits: Tensor, labels: Tensor) -> None:
        lost = F.binary_cross_entropy_with_logits(logits, labels, reduction="none").tolist()
        for each in self._practised:
            each.note(rows, lost)


def _losses(read: Reading, wanted: Wanted) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    logits, starts, ends, doubts = read
    labels = wanted.labels * (2 * SURE - 1) + 1 - SURE
    judged = F.binary_cross_entropy_with_logits(logits.float(), labels)
    doubted = DOUBT_WEIGHT * doubt_loss(doubts.float(), wanted.doubts)
    doubted = doubted + SOME_DOUBT_WEIGHT * some_doubt_loss(doubts.float(), labels)
    nothing = judged.new_zeros(())
    told = twin_loss(logits.float(), wanted.twins) if len(wanted.twins) else nothing
    known = wanted.starts >= 0
    if not known.any():
        return judged, nothing, told, doubted
    first = F.cross_entropy(starts[known].float(), wanted.starts[known])
    last = F.cross_entropy(ends[known].float(), wanted.ends[known])
    return judged, (first + last) / 2, told, doubted


def doubt_loss(doubts: Tensor, wanted: Tensor) -> Tensor:
    """Of the words of which it is known whether the passage bears them out: 1 if not, 0 if so, -1 not known."""
    known = wanted >= 0
    if not known.any():
        return doubts.new_zeros(())
    return F.binary_cross_entropy_with_logits(doubts[known], wanted[known])


def some_doubt_loss(doubts: Tensor, labels: Tensor) -> Tensor:
    """Of all questions: none of an answered one's words is to be doubted, at least one of another's is."""
    return F.binary_cross_entropy_with_logits(-doubts.logsumexp(1), labels)


def twin_loss(logits: Tensor, twins: Tensor) -> Tensor:
    """How badly answered questions, at `twins`, are told from those next to them (Burges et al. 2005, RankNet)."""
    return F.softplus(logits[twins + 1] - logits[twins]).mean()


def new_reader() -> Reader:
    """A reader that has learnt nothing yet: the tuned encoder's layers, and heads drawn at random."""
    torch.manual_seed(SEED)
    model = find_model(TUNED_ENCODER)
    encoder = SentenceTransformer(str(model.folder), device="cpu", local_files_only=True)
    if model.adapter:
        merge_adapter(encoder[0], model.adapter)
    bert = cast(BertModel, encoder[0].get_submodule("model"))
    embeddings = bert.embeddings
    places = embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[0]
    reader = Reader(embeddings.word_embeddings.weight.detach(), places.detach())
    reader.first_norm.load_state_dict(embeddings.LayerNorm.state_dict())
    for own, layer in zip([*reader.alone, *reader.together], bert.encoder.layer, strict=True):
        _take_over(own, layer)
    return reader


def _take_over(own: Any, layer: Any) -> None:
    attention = layer.attention
    pairs = (
        (own.query, attention.self.query),
        (own.key, attention.self.key),
        (own.value, attention.self.value),
        (own.out, attention.output.dense),
        (own.norm, attention.output.LayerNorm),
        (own.grow, layer.intermediate.dense),
        (own.shrink, layer.output.dense),
        (own.last_norm, layer.output.LayerNorm),
    )
    for mine, theirs in pairs:
        mine.load_state_dict(theirs.state_dict())


def open_tokenizer() -> Tokenizer:
    """The encoder's word pieces, whole texts."""
    return read_tokenizer(find_model(TUNED_ENCODER).folder / "tokenizer.json")
