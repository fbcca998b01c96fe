"""A training run's checkpoint: a run that was cut off goes on from the last one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch


class Run(Protocol):
    """What is trained, and how."""

    @property
    def weights(self) -> Sequence[torch.Tensor]:
        """What is learnt."""

    @property
    def optimiser(self) -> torch.optim.Optimizer:
        """What learns it."""


def save(run: Run, step: int, path: Path, noted: Mapping[str, float] | None = None) -> None:
    """Writes the state before `step` and what was `noted` until then, whole or not at all."""
    state: dict[str, Any] = {
        "step": step,
        "weights": [weight.detach() for weight in run.weights],
        "optimiser": run.optimiser.state_dict(),
        "noted": dict(noted or {}),
    }
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)


def resume(run: Run, path: Path, noted: dict[str, float] | None = None) -> int:
    """Takes up the state in `path`, if there is one, and adds to `noted`; the step to go on with."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    with torch.no_grad():
        for weight, saved in zip(run.weights, state["weights"], strict=True):
            weight.copy_(saved)
    run.optimiser.load_state_dict(state["optimiser"])
    if noted is not None:
        noted.update(state["noted"])
    return int(state["step"])
