"""How far from 0 what a linear map is given reaches, channel by channel."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from evaluation.written import ARTICLES
from training.onnx_graph import Floats, numbers
from training.reader_model import Packed, Reader
from training.reader_packs import Packer, Row
from training.reader_trainer import open_tokenizer
from training.reading_examples import written

_PASSAGES, _QUESTIONS = 24, 4

Reach = Mapping[nn.Module, Floats]


def reach_of(reader: Reader, examples: Packed) -> Reach:
    """By linear map [channels that it is given], on these passages and questions."""
    reach: dict[nn.Module, Tensor] = {}

    def measure(module: nn.Module, given: tuple[Tensor, ...], _: Tensor) -> None:
        furthest = given[0].abs().flatten(0, -2).amax(0)
        reach[module] = torch.maximum(reach.get(module, furthest), furthest)

    watched = [
        module.register_forward_hook(measure) for module in reader.modules() if isinstance(module, nn.Linear)
    ]
    with torch.no_grad():
        reader(examples)
    for each in watched:
        each.remove()
    return {module: numbers(furthest) for module, furthest in reach.items()}


def written_examples() -> Packed:
    """Passages of our own articles that the reader learns from, and questions put to them."""
    passages = written(ARTICLES).training
    chosen = passages[:: len(passages) // _PASSAGES][:_PASSAGES]
    packed, _ = Packer(open_tokenizer()).pack([Row(each, each.asked[:_QUESTIONS]) for each in chosen])
    return packed
