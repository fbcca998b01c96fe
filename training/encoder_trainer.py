"""The encoder with its adapter, and sentence-transformers' trainer for it."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, DatasetDict
from peft import LoraConfig, inject_adapter_in_model
from safetensors.torch import load_file, save_file
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.base.sampler import NoDuplicatesBatchSampler
from sentence_transformers.sentence_transformer.data_collator import SentenceTransformerDataCollator
from torch import Tensor, nn

from assistant.encoder import bundled_folder, verify_bundled
from training.encoder_losses import losses_of
from training.encoder_rows import TextRow

ADAPTER = "adapter.safetensors"
SEED = 7
RANK, ALPHA, DROPOUT = 16, 32, 0.05
RATE, WARM_UP = 6e-4, 40
TOKENS = 128
"""Of a passage, when it is learnt from: it costs half of what all of them do."""
_LAYERS = r"encoder\..*\.(query|key|value|dense)"
_PAGE = "page"


def new_model() -> SentenceTransformer:
    """The verified base weights with low-rank matrices (Hu et al. 2021) beside every linear layer; only these learn."""
    verify_bundled(bundled_folder())
    torch.manual_seed(SEED)
    model = SentenceTransformer(
        str(bundled_folder()),
        device="cpu",
        local_files_only=True,
        # On a CPU it learns twice as quickly as by fused attention.
        model_kwargs={"attn_implementation": "eager"},
    )
    matrices = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=DROPOUT, target_modules=_LAYERS)
    inject_adapter_in_model(matrices, _transformer(model))
    return model


def adapter_of(model: SentenceTransformer) -> dict[str, Tensor]:
    """The adapter by the names under which `assistant.encoder.adapter` merges it."""
    return {name: weight.detach().cpu().contiguous() for name, weight in _matrices(model).items()}


def mean_of(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The adapter that adds half of what each of two adds: both side by side, of the sum of their ranks, in 16 bits."""
    first, second = ({name: weight.float() for name, weight in each.items()} for each in (one, other))
    return {
        name: (
            torch.cat([weight, second[name]])
            if ".lora_A" in name
            else torch.cat([weight / 2, second[name] / 2], dim=1)
        ).half()
        for name, weight in first.items()
    }


class AdapterTrainer(SentenceTransformerTrainer):
    """The trainer, in whose checkpoints the adapter stands for the model."""

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        folder = Path(output_dir or str(self.args.output_dir))
        folder.mkdir(parents=True, exist_ok=True)
        save_file(adapter_of(self.model), folder / ADAPTER)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        saved = load_file(Path(resume_from_checkpoint) / ADAPTER)
        with torch.no_grad():
            for name, weight in _matrices(self.model).items():
                weight.copy_(saved[name])


def new_trainer(
    model: SentenceTransformer,
    rows: Mapping[str, Sequence[TextRow]],
    steps: int,
    out: Path,
    save_every: int = 100,
) -> AdapterTrainer:
    """Trains so many steps, each on one batch of every kind of rows; checkpoints go to `out`."""
    model.max_seq_length = TOKENS
    losses = losses_of(model)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(out),
        num_train_epochs=1,
        multi_dataset_batch_sampler="round_robin",
        batch_sampler=partial(_one_of_a_page, steps),
        dataloader_drop_last=True,
        gradient_accumulation_steps=len(losses),
        # The trainer divides each loss by their number: this is a norm of 1 for their sum.
        max_grad_norm=1 / len(losses),
        learning_rate=RATE,
        warmup_steps=min(WARM_UP, steps // 10),
        weight_decay=0.01,
        use_cpu=not torch.cuda.is_available(),
        bf16=True,
        seed=SEED,
        save_steps=save_every,
        save_total_limit=2,
        logging_steps=10,
        report_to="none",
        disable_tqdm=True,
    )
    tables = DatasetDict({name: _table(rows[name]) for name in losses})
    return AdapterTrainer(
        model, arguments, tables, loss=losses, data_collator=_WithoutPages(model.preprocess)
    )


def _transformer(model: SentenceTransformer) -> nn.Module:
    return model[0].get_submodule("model")


def _matrices(model: SentenceTransformer) -> dict[str, nn.Parameter]:
    return {
        name.replace(".default.weight", ".weight"): weight
        for name, weight in _transformer(model).named_parameters()
        if ".lora_" in name
    }


def _table(rows: Sequence[TextRow]) -> Dataset:
    return Dataset.from_dict(dict(zip(TextRow._fields, map(list, zip(*rows, strict=True)), strict=True)))


def _one_of_a_page(
    batches: int, rows: Dataset, batch_size: int, drop_last: bool, **more: Any
) -> NoDuplicatesBatchSampler:
    """So many batches of all the rows, in none of them two of a page."""
    return NoDuplicatesBatchSampler(rows.select_columns([_PAGE]), len(rows) // batches, drop_last, **more)


class _WithoutPages(SentenceTransformerDataCollator):
    """A row's page is there for the sampler only."""

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        return super().__call__(
            [{name: text for name, text in row.items() if name != _PAGE} for row in features]
        )
