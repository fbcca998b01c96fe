"""Writes the trained reader as it ships: two ONNX graphs, of passages and of questions, over one file of weights.

The graph of passages makes what questions see of a passage; it is run once a passage. Weights are whole numbers
of 7 bits per channel (with 8, older processors would overflow), word vectors of 8; both graphs name the same bytes.
"""

import hashlib
import math
from pathlib import Path

import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx.external_data_helper import set_external_data
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.reader_model import HEADS, HIDDEN, Layer, Reader, heads_of

PASSAGE, QUESTION, WEIGHTS = "passage.onnx", "question.onnx", "weights.bin"
_OPSET = 17
_LEAST_BYTES = 1024
_MOST = 127


class _Side(nn.Module):
    """What both graphs begin with."""

    reader: Reader

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        scales = reader.words.abs().amax(1, keepdim=True) / _MOST
        self.scales = nn.Parameter(scales, requires_grad=False)
        self.words = nn.Parameter((reader.words / scales).round().to(torch.int8), requires_grad=False)

    def alone(self, ids: Tensor) -> Tensor:
        """States [texts, tokens, 384] of whole texts, none padded, as far as they are read alone."""
        words = F.embedding(ids, self.words).float() * F.embedding(ids, self.scales)
        states: Tensor = self.reader.first_norm(words + self.reader.places[: ids.shape[1]])
        for layer in self.reader.alone:
            states = _step(layer, states, heads_of(layer.key(states)), heads_of(layer.value(states)))
        return states


class PassageSide(_Side):
    """Ids [1, tokens] to keys and values [layers, 2, heads, tokens, 32] and last states [tokens, 384]."""

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        states, kept = self.alone(ids), []
        for layer in self.reader.together:
            keys, values = heads_of(layer.key(states)), heads_of(layer.value(states))
            kept.append(torch.cat([keys, values]))
            states = _step(layer, states, keys, values)
        return torch.stack(kept).half(), states[0].half()


class QuestionSide(_Side):
    """A question's ids [1, tokens] beside passages, to logits [n], of first and last token [n, tokens] each.

    Of the passages: `kept` [n, layers, 2, heads, tokens, 32], `states` [n, tokens, 384], `mask` [n, tokens].
    """

    def forward(
        self, ids: Tensor, kept: Tensor, states: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        # What is kept is so in 16 bits: widened here, it takes a tenth of the time that NumPy takes.
        kept, states = kept.float(), states.float()
        n, tokens = kept.shape[0], ids.shape[1]
        own = (self.alone(ids) + self.reader.asks).expand(n, tokens, HIDDEN)
        hidden = (1.0 - torch.cat([mask, torch.ones(n, tokens)], 1))[:, None, None, :] * -1e4
        for number, layer in enumerate(self.reader.together):
            keys = torch.cat([kept[:, number, 0], heads_of(layer.key(own))], 2)
            values = torch.cat([kept[:, number, 1], heads_of(layer.value(own))], 2)
            own = _step(layer, own, keys, values, hidden)
        first = own[:, 0]
        unit, others = F.normalize(own, dim=2), F.normalize(states, dim=2)
        cosines = unit @ others.transpose(1, 2) - 2 * (1.0 - mask[:, None, :])
        nearest = cosines.amax(2)
        features = torch.cat(
            [first, own.mean(1), nearest.mean(1, keepdim=True), nearest.amin(1, keepdim=True)], 1
        )
        starts, ends = (self.reader.point(first) / math.sqrt(HIDDEN)).chunk(2, 1)
        place = (1.0 - mask) * -1e4
        return (
            self.reader.judge(features).squeeze(1),
            (states @ starts.unsqueeze(-1)).squeeze(-1) + place,
            (states @ ends.unsqueeze(-1)).squeeze(-1) + place,
        )


def _step(layer: Layer, states: Tensor, keys: Tensor, values: Tensor, hidden: Tensor | None = None) -> Tensor:
    scores = heads_of(layer.query(states)) @ keys.transpose(2, 3) / math.sqrt(HIDDEN // HEADS)
    scores = scores if hidden is None else scores + hidden
    seen = (scores.softmax(3) @ values).transpose(1, 2).flatten(2)
    states = layer.norm(states + layer.out(seen))
    new: Tensor = layer.last_norm(states + layer.shrink(F.gelu(layer.grow(states))))
    return new


def export(reader: Reader, out: Path) -> None:
    """Writes both graphs and their weights into the folder `out`."""
    reader = reader.cpu().eval()
    ids = torch.tensor([[101, 2023, 2003, 102]])
    with torch.no_grad():
        kept, states = PassageSide(reader)(ids)
    beside = kept[None].repeat(2, 1, 1, 1, 1, 1), states[None].repeat(2, 1, 1), torch.ones(2, 4)
    _trace(
        PassageSide(reader),
        (ids,),
        out / PASSAGE,
        {"ids": {1: "tokens"}},
        {"kept": {3: "tokens"}, "states": {0: "tokens"}},
    )
    _trace(
        QuestionSide(reader),
        (ids, *beside),
        out / QUESTION,
        {
            "ids": {1: "asked"},
            "kept": {0: "n", 4: "tokens"},
            "states": {0: "n", 1: "tokens"},
            "mask": {0: "n", 1: "tokens"},
        },
        {"logits": {0: "n"}, "starts": {0: "n", 1: "tokens"}, "ends": {0: "n", 1: "tokens"}},
    )
    _share_weights([out / PASSAGE, out / QUESTION], out / WEIGHTS)


def _trace(
    module: nn.Module,
    sample: tuple[Tensor, ...],
    path: Path,
    inputs: dict[str, dict[int, str]],
    outputs: dict[str, dict[int, str]],
) -> None:
    whole = path.with_suffix(".float.onnx")
    with torch.no_grad():
        torch.onnx.export(
            module,
            sample,
            str(whole),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={**inputs, **outputs},
            opset_version=_OPSET,
            dynamo=False,
        )
    quantised = path.with_suffix(".whole.onnx")
    quantize_dynamic(
        whole, quantised, ["MatMul"], per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
    )
    _optimise(quantised, path)
    for left in (whole, quantised):
        left.unlink()


def _optimise(graph: Path, path: Path) -> None:
    """Saves the graph as onnxruntime would make it at every start."""
    options = onnxruntime.SessionOptions()
    # The highest level would be for this very processor only.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _share_weights(graphs: list[Path], weights: Path) -> None:
    """Puts the graphs' larger tensors into one file, equal ones once."""
    places: dict[str, int] = {}
    content = bytearray()
    for path in graphs:
        model = onnx.load(path)
        for tensor in model.graph.initializer:
            raw = tensor.raw_data
            if len(raw) < _LEAST_BYTES:
                continue
            key = hashlib.sha256(raw).hexdigest()
            if key not in places:
                content += bytes(-len(content) % 4096)
                places[key] = len(content)
                content += raw
            set_external_data(tensor, weights.name, offset=places[key], length=len(raw))
            tensor.ClearField("raw_data")
        path.write_bytes(model.SerializeToString())
    weights.write_bytes(content)
