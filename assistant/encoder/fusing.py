"""A traced graph whose parts can be told apart, and how far what its weights are multiplied with reaches."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto

Numbers = NDArray[np.float32]
Reach = Mapping[str, Numbers]

_BALANCE = 0.6
"""Of a channel's reach, so much goes over to the weights: measured with .5 to 1, with and without a shift."""


def fused_graph(traced: Path, heads: int, width: int) -> "ModelProto":
    """A traced graph with attention, normalising and embedding as one node each.

    Raises `ValueError` for a transformer that is not of BERT's shape.
    """
    from onnxruntime.transformers import optimizer

    found: ModelProto = optimizer.optimize_model(str(traced), "bert", heads, width, opt_level=0).model
    if not {"Attention", "EmbedLayerNormalization", "BiasGelu"} <= {
        node.op_type for node in found.graph.node
    }:
        raise ValueError("its transformer is not of BERT's shape")
    return found


def reach_of(fused: "ModelProto", examples: Iterable[Sequence[int]]) -> Reach:
    """By name of what weights are multiplied with: the furthest from 0 that each of its channels was.

    `examples` are tokens of texts.
    """
    import onnx
    import onnxruntime

    watched = type(fused)()
    watched.CopyFrom(fused)
    names = sorted({node.input[0] for node in fused.graph.node if node.op_type in ("MatMul", "Attention")})
    for name in names:
        watched.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    reach: dict[str, Numbers] = {}
    for tokens in examples:
        ids = np.array([tokens], np.int64)
        seen = session.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        for name, numbers in zip(names, seen, strict=True):
            furthest = np.abs(numbers).max(axis=(0, 1))
            reach[name] = np.maximum(reach.get(name, furthest), furthest)
    return reach


def share_of(reach: Numbers, weights: Numbers) -> Numbers:
    """What weights [channels, out] take over of each channel's reach (Xiao et al. 2023, SmoothQuant)."""
    largest = np.maximum(np.abs(weights).max(axis=1), 1e-5)
    share: Numbers = np.maximum(reach, 1e-4) ** _BALANCE / largest ** (1 - _BALANCE)
    return share


def furthest(reach: Numbers, count: int) -> NDArray[np.intp]:
    """The channels that reach furthest, in their order; of equal ones the first."""
    found: NDArray[np.intp] = np.sort(np.argsort(-reach, kind="stable")[:count])
    return found
