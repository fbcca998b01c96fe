"""Merges a trained low-rank adapter into the base encoder's weights.

Each linear layer's weight W becomes W + 2 B A (Hu et al. 2021; alpha / rank = 2). Nothing is added to the
model: it costs no more to run than the base.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.nn import Module

SCALE = 2.0


def merge_adapter(model: "Module", path: Path) -> None:
    """Changes the transformer in `model` in place. Every pair of matrices in the file must have its layer."""
    import torch
    from safetensors.torch import load_file

    matrices = load_file(path)
    layers = dict(model.get_submodule("model").named_modules())
    names = sorted({name.rsplit(".lora_", 1)[0] for name in matrices})
    with torch.no_grad():
        for name in names:
            down, up = (matrices[f"{name}.lora_{letter}.weight"].float() for letter in "AB")
            layers[name].get_parameter("weight").add_(SCALE * (up @ down))
