"""The losses of the encoder's adapter, by the name of the rows they are for."""

import torch
import torch.nn.functional as F
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.util import cos_sim
from torch import Tensor, nn

from training.encoder_rows import ALIKE, ANSWERS, APART

SCALE = 20.0
SHARPNESS, MARGIN = 10.0, 0.15
WEIGHTS = {ANSWERS: 1.0, ALIKE: 0.5, APART: 0.2}


class SoftMargin(nn.Module):
    """How much further than near misses answered questions are from being nearer to their passages, by `MARGIN`.

    The mean over all pairs of a batch, not only those of one passage, because what is shown as an answer hangs on one
    cosine for all passages: softplus(`SHARPNESS` · (cosine of the near miss - cosine of the answered one + `MARGIN`)).
    """

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, columns: list[dict[str, Tensor]], labels: Tensor | None) -> Tensor:
        """The loss of passages, questions that they answer, and near misses."""
        passage, answered, missed = (self.model(column)["sentence_embedding"].float() for column in columns)
        near, right = (passage * missed).sum(1), (passage * answered).sum(1)
        return F.softplus(SHARPNESS * (near[None] - right[:, None] + MARGIN)).mean()


class Weighted(nn.Module):
    """Another loss, times a weight."""

    def __init__(self, loss: nn.Module, weight: float) -> None:
        super().__init__()
        self.loss, self.weight = loss, weight

    def forward(self, columns: list[dict[str, Tensor]], labels: Tensor | None) -> Tensor:
        """The loss of these columns."""
        loss: Tensor = self.weight * self.loss(columns, labels)
        return loss


def losses_of(model: SentenceTransformer) -> dict[str, nn.Module]:
    """Multiple negatives ranking (Henderson et al. 2017) of passages and of questions, and near misses set apart."""
    ranking = MultipleNegativesRankingLoss(model, scale=SCALE, similarity_fct=_exact_cosines)
    losses = {ANSWERS: ranking, ALIKE: ranking, APART: SoftMargin(model)}
    return {name: Weighted(loss, WEIGHTS[name]) for name, loss in losses.items()}


def _exact_cosines(one: Tensor, other: Tensor) -> Tensor:
    """In 32 bits: in 16 they are off by as much as tells a hard negative from the answer."""
    with torch.autocast(one.device.type, enabled=False):
        return cos_sim(one.float(), other.float())
