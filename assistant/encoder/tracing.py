"""From a model in torch to an ONNX graph, and that graph as onnxruntime runs it best."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoder.copies import WEIGHTS
from assistant.encoder.reference import SentenceTransformerEncoder

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from transformers import PreTrainedModel

_OPSET = 17


def trace(reference: SentenceTransformerEncoder, path: Path) -> None:
    """Writes the graph of the whole model as it is: from tokens to unit vectors."""
    import torch

    model = reference.module.eval()

    class Whole(torch.nn.Module):
        """From tokens to unit vectors, every module of the model in turn."""

        def __init__(self) -> None:
            super().__init__()
            self.parts = model

        def forward(self, input_ids: "Tensor", attention_mask: "Tensor") -> "Tensor":
            features: dict[str, Any] = {"input_ids": input_ids, "attention_mask": attention_mask}
            for module in self.parts:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=1)

    tokens = torch.tensor([[1, 2, 3, 4], [1, 2, 3, 0]])
    axes = {0: "texts", 1: "tokens"}
    with torch.no_grad(), _plain_attention(model), warnings.catch_warnings():
        # It warns of being the older exporter; the newer needs five times the time and two packages more.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Whole(),
            (tokens, (tokens > 0).long()),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )


def transformers_of(model: "Module") -> "list[PreTrainedModel]":
    """The transformers inside a model: one, if any."""
    from transformers import PreTrainedModel

    return [module for module in model.modules() if isinstance(module, PreTrainedModel)]


@contextmanager
def _plain_attention(model: "Module") -> Iterator[None]:
    """Attention written out step by step, as onnxruntime knows it."""
    found = transformers_of(model)
    before = [module.config._attn_implementation for module in found]
    try:
        for module in found:
            module.set_attn_implementation("eager")
        yield
    finally:
        for module, name in zip(found, before, strict=True):
            module.set_attn_implementation(name)


def optimise(traced: Path, path: Path) -> None:
    """Saves the graph as onnxruntime would make it at every start; the weights go beside it, to be mapped."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # The highest level would be for this very processor only.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    options.optimized_model_filepath = str(path)
    prefix = "session.optimized_model_external_initializers"
    options.add_session_config_entry(f"{prefix}_file_name", WEIGHTS)
    options.add_session_config_entry(f"{prefix}_min_size_in_bytes", "1024")
    onnxruntime.InferenceSession(str(traced), options, providers=["CPUExecutionProvider"])
