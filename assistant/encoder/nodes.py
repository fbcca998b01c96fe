"""Nodes of an ONNX graph, and a graph that is made of others' nodes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **settings: Any) -> "NodeProto":
    """A node of ONNX."""
    from onnx import helper

    return helper.make_node(kind, inputs, outputs, **settings)


def own(kind: str, inputs: Sequence[str], outputs: Sequence[str], **settings: Any) -> "NodeProto":
    """A node of onnxruntime's own."""
    return node(kind, inputs, outputs, domain="com.microsoft", **settings)


def epsilon_of(norm: "NodeProto") -> float:
    """What a norm adds to the variance."""
    return float(next(each.f for each in norm.attribute if each.name == "epsilon"))


def rebuilt(
    model: "ModelProto", nodes: "Sequence[NodeProto]", constants: Mapping[str, NDArray[Any]]
) -> "ModelProto":
    """A model's graph made of other nodes and constants, without those that its outputs do not need."""
    from onnx import numpy_helper

    needed = {each.name for each in model.graph.output}
    used: list[NodeProto] = []
    for each in reversed(nodes):
        if needed.intersection(each.output):
            used.insert(0, each)
            needed.update(each.input)
    arrays = {name: np.ascontiguousarray(array) for name, array in constants.items() if name in needed}
    made = type(model)()
    made.CopyFrom(model)
    for field, kept in (
        ("node", used),
        ("initializer", [numpy_helper.from_array(array, name) for name, array in arrays.items()]),
    ):
        made.graph.ClearField(field)
        getattr(made.graph, field).extend(kept)
    return made
