"""An ONNX graph, written node by node, that multiplies in whole numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn

from assistant.encoder.fusing import furthest, share_of

FLOAT, WHOLE, IDS = TensorProto.FLOAT, TensorProto.INT8, TensorProto.INT64
_OPSET = 17
_IR_VERSION = 8
_LEAST_BYTES = 1024
_MOST_OF_WEIGHTS = 64
_FURTHEST = 16

Floats = NDArray[np.float32]
Shape = list[int | str]


class Graph:
    """Nodes and constants in the order in which they are written; a value is told by its name."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, NDArray[np.generic]] = {}

    def constant(self, values: object, kind: type[np.generic] = np.float32) -> str:
        """A constant's name."""
        name = f"constant_{len(self._constants)}"
        self._constants[name] = np.asarray(values, kind)
        return name

    def node(self, operator: str, *inputs: str, out: str = "", **settings: Any) -> str:
        """The name of what an operator gives, `out` if that is given."""
        [name] = self.nodes(operator, *inputs, outs=[out], **settings)
        return name

    def nodes(self, operator: str, *inputs: str, outs: list[str], **settings: Any) -> list[str]:
        """The names of several outputs; those left empty are named here."""
        names = [out or f"{operator}_{len(self._nodes)}_{place}" for place, out in enumerate(outs)]
        self._nodes.append(helper.make_node(operator, inputs, names, **settings))
        return names

    def own(self, operator: str, *inputs: str, **settings: Any) -> str:
        """The same for an operator that is onnxruntime's own."""
        return self.node(operator, *inputs, domain="com.microsoft", **settings)

    def linear(self, states: str, *parts: nn.Linear) -> str:
        """Linear maps of the same states, side by side [.., sum of what the parts give].

        Weights are whole numbers of 7 bits per channel (with 8, older processors would overflow), states become
        whole numbers of 8 when it is run.
        """
        return self._multiplied(states, _weights(parts), parts)

    def balanced(self, states: str, reach: Floats, *parts: nn.Linear) -> str:
        """The same for states of which single channels reach far [channels]: rounding would lose the others, so their
        reach is shared with the weights (Xiao et al. 2023, SmoothQuant).
        """
        weights = _weights(parts)
        share = share_of(reach, weights)
        even = self.node("Mul", states, self.constant(1 / share))
        return self._multiplied(even, weights * share[:, np.newaxis], parts)

    def furthest_apart(self, states: str, reach: Floats, part: nn.Linear) -> str:
        """The same for states whose furthest channels stay in 32 bits (Dettmers et al. 2022, LLM.int8())."""
        far = furthest(reach, _FURTHEST)
        near = np.ones((len(reach), 1), np.float32)
        near[far] = 0
        weights = _weights([part])
        kept = self.node("Mul", states, self.constant(near[:, 0]))
        apart = self.node("Gather", states, self.constant(far, np.int64), axis=2)
        exact = self.node("MatMul", apart, self.constant(weights[far]))
        return self.node("Add", self._multiplied(kept, weights * near, [part]), exact)

    def _multiplied(self, states: str, weights: Floats, parts: Sequence[nn.Linear]) -> str:
        steps = steps_of(weights, 0, _MOST_OF_WEIGHTS)
        whole, scale = self.constant(np.rint(weights / steps), np.int8), self.constant(steps[0])
        bias = self.constant(np.concatenate([numbers(part.bias) for part in parts]))
        return self.own("DynamicQuantizeMatMul", states, whole, scale, "", bias)

    def normalised(self, states: str, norm: nn.LayerNorm, out: str = "") -> str:
        """Each token's states, by the norm's weights."""
        inputs = states, self.constant(numbers(norm.weight)), self.constant(numbers(norm.bias))
        return self.node("LayerNormalization", *inputs, out=out, axis=-1, epsilon=norm.eps)

    def model(
        self, name: str, inputs: dict[str, tuple[int, Shape]], outputs: dict[str, Shape]
    ) -> onnx.ModelProto:
        """The whole graph."""
        made = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(each, kind, shape) for each, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(each, FLOAT, shape) for each, shape in outputs.items()],
            [numpy_helper.from_array(values, each) for each, values in self._constants.items()],
        )
        domains = helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)
        return helper.make_model(made, opset_imports=domains, ir_version=_IR_VERSION)

    def write(
        self, path: Path, weights: str, inputs: dict[str, tuple[int, Shape]], outputs: dict[str, Shape]
    ) -> None:
        """Writes the graph, and its larger constants into the file `weights` beside it."""
        (path.parent / weights).unlink(missing_ok=True)
        model = self.model(path.stem, inputs, outputs)
        onnx.save(model, path, save_as_external_data=True, location=weights, size_threshold=_LEAST_BYTES)


def _weights(parts: Sequence[nn.Linear]) -> Floats:
    """Those of all parts [given, all that is made]."""
    return np.concatenate([numbers(part.weight) for part in parts]).T


def numbers(tensor: Tensor) -> Floats:
    """A tensor's values."""
    values: Floats = tensor.detach().numpy()
    return values


def steps_of(values: Floats, axis: int, most: int) -> Floats:
    """What whole numbers from -`most` to `most` are to be multiplied with along `axis`, which is kept."""
    steps: Floats = np.abs(values).max(axis=axis, keepdims=True) / np.float32(most)
    return np.maximum(steps, np.finfo(np.float32).tiny)
