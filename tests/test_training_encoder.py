import random
import shutil

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer

from assistant.encoder import bundled_folder
from assistant.encoder.adapter import merge_adapter
from evaluation.judgements import Entry, GoldSpan, Question, QuestionSet, Role
from evaluation.written import ARTICLES, read_written
from training.encoder_figures import EncoderFigures, encoder_figures
from training.encoder_losses import SoftMargin, losses_of
from training.encoder_rows import (
    ALIKE,
    ANSWERS,
    APART,
    TextRow,
    alike_rows,
    answer_rows,
    apart_rows,
    drawn,
)
from training.encoder_trainer import adapter_of, mean_of, new_model, new_trainer
from training.reader_steps import material_of
from training.reading_examples import Asked, ReadPassage, Source, written
from training.train_encoder import RECIPES, rows_of

STEPS, EACH = 6, 2


def passage(article, number, text, *asked):
    return ReadPassage(article, f"{article}#{number}", f"{article}. Part {number}. ", text, list(asked))


def answered(question, text, answer):
    at = text.index(answer)
    return Asked(question, 1, (at, at + len(answer)))


OWL = "Owls hunt at night. They eat voles and mice."
NEST = "Owls nest in barns."
PASSAGES = [
    passage(
        "Owls",
        0,
        OWL,
        answered("when do they hunt", OWL, "at night"),
        answered("what time of day do they hunt", OWL, "night"),
        answered("what do they eat", OWL, "voles and mice"),
        Asked("why do they hunt", 0),
    ),
    passage("Owls", 1, NEST, answered("where is the nest", NEST, "barns"), Asked("how many eggs", 0)),
    passage("Ships", 0, "Ships float.", answered("what floats", "Ships float.", "Ships")),
]


def test_a_question_is_to_find_its_passage_or_sentence_and_not_another_of_its_page():
    material = material_of(PASSAGES, encode=lambda texts: np.eye(len(texts), dtype=np.float32))
    rows = {row for seed in range(20) for row in answer_rows(material, random.Random(seed))}
    whole = {0: f"Owls. Part 0. {OWL}", 1: f"Owls. Part 1. {NEST}"}
    assert rows == {
        TextRow("Owls", "when do they hunt", whole[0], whole[1]),
        TextRow("Owls", "when do they hunt", "Owls hunt at night.", whole[1]),
        TextRow("Owls", "what time of day do they hunt", whole[0], whole[1]),
        TextRow("Owls", "what time of day do they hunt", "Owls hunt at night.", whole[1]),
        TextRow("Owls", "what do they eat", whole[0], whole[1]),
        TextRow("Owls", "what do they eat", "They eat voles and mice.", whole[1]),
        TextRow("Owls", "where is the nest", whole[1], whole[0]),
        TextRow("Owls", "where is the nest", NEST, whole[0]),
    }


def test_a_passage_that_answers_too_is_never_wrong():
    both = [*PASSAGES[:1], passage("Owls", 1, NEST, Asked("what do they eat", 1, mine=False))]
    material = material_of(both, encode=lambda texts: np.eye(len(texts), dtype=np.float32))
    rows = [row for seed in range(20) for row in answer_rows(material, random.Random(seed))]
    assert "what do they eat" not in {row.anchor for row in rows}


def test_questions_are_alike_if_the_same_words_answer_them():
    one, other, missed = "when do they hunt", "what time of day do they hunt", "why do they hunt"
    assert alike_rows(PASSAGES) == [TextRow("Owls", one, other, missed), TextRow("Owls", other, one, missed)]


def test_near_misses_are_set_apart_from_every_question_of_their_passage():
    rows = apart_rows(PASSAGES)
    assert [(row.positive, row.negative) for row in rows] == [
        ("when do they hunt", "why do they hunt"),
        ("what time of day do they hunt", "why do they hunt"),
        ("what do they eat", "why do they hunt"),
        ("where is the nest", "how many eggs"),
    ]
    assert {row.anchor for row in rows} == {f"Owls. Part 0. {OWL}", f"Owls. Part 1. {NEST}"}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1), st.integers(0, 30))
def test_no_negative_comes_again_before_all_have_come(pairs, count):
    rows = [TextRow("page", anchor, "positive", negative) for anchor, negative in pairs]
    found = drawn(rows, count, random.Random(count))
    kinds = len({row.negative for row in rows})
    assert len(found) == count and set(found) <= set(rows)
    for start in range(0, count - kinds + 1, kinds):
        assert len({row.negative for row in found[start : start + kinds]}) == kinds


@pytest.mark.parametrize("recipe", RECIPES)
def test_nothing_is_learnt_of_what_is_kept_apart(recipe):
    own = written(ARTICLES)
    nothing = Source("handwritten", PASSAGES, [])
    rows = rows_of(recipe, nothing, own, encode=lambda texts: np.ones((len(texts), 1), np.float32))
    steps = len(rows[ANSWERS]) // recipe.batches[ANSWERS]
    assert {name: len(rows[name]) // size for name, size in recipe.batches.items()} == dict.fromkeys(
        rows, steps
    )
    pages = {row.page for row in rows[ALIKE]}
    assert pages > {"Owls"} if recipe.from_faq else pages == {"Owls"}
    apart = read_written()
    # "What did he die of?" is asked of more than one.
    learnt = {asked.question for passage in own.training for asked in passage.asked}
    asked = {question.text for question in apart.questions} - learnt
    texts = {entry.text for entries in apart.collections.values() for entry in entries}
    for row in (row for each in rows.values() for row in each):
        assert row.page not in apart.collections
        assert not {row.anchor, row.positive, row.negative} & asked or row.page == "Owls"
        assert not any(
            text in part for part in (row.positive, row.negative) for text in texts if len(part) > 300
        )


def small_rows():
    names = ["owl", "ship", "tea", "moon"]
    facts = {
        "owl": "hunts at night",
        "ship": "sails at noon",
        "tea": "steeps at four",
        "moon": "sets at dawn",
    }
    rows = [
        TextRow(name, f"When is the {name} at it?", f"The {name} {facts[name]}.", f"The {name} is old.")
        for name in names
    ]
    again = rows * (STEPS * EACH // len(rows))
    return {
        ANSWERS: again,
        ALIKE: [row._replace(positive=f"{row.page} time", negative=f"{row.page} age") for row in again],
        APART: [TextRow(row.page, row.positive, row.anchor, f"Who owns the {row.page}?") for row in again],
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A whole run: the model before and after, and where its checkpoints are."""
    out = tmp_path_factory.mktemp("run")
    before, model = adapter_of(new_model()), new_model()
    trainer = new_trainer(model, small_rows(), STEPS, out, save_every=STEPS // 2)
    trainer.train()
    # As it was trained it would go on encoding in 16 bits.
    trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)
    return before, model.eval(), out


def cosine_gains(model):
    """By how much the positive is nearer than the negative, of each row."""
    rows = [row for each in small_rows().values() for row in each]
    one, right, wrong = (model.encode([row[place] for row in rows]) for place in (1, 2, 3))
    return ((one * right).sum(1) - (one * wrong).sum(1)).mean()


def test_a_few_steps_learn(run):
    before, model, _ = run
    base = SentenceTransformer(str(bundled_folder()), device="cpu")
    assert cosine_gains(model) > cosine_gains(base) + 0.01
    after = adapter_of(model)
    assert all(not torch.equal(after[name], before[name]) for name in after)
    assert {name for name, weight in model.named_parameters() if weight.requires_grad} == {
        f"0.model.{name.replace('.weight', '.default.weight')}" for name in after
    }


def test_a_run_that_was_cut_off_goes_on_as_if_it_had_not_been(run, tmp_path):
    _, model, out = run
    shutil.copytree(out / f"checkpoint-{STEPS // 2}", tmp_path / f"checkpoint-{STEPS // 2}")
    again = new_model()
    new_trainer(again, small_rows(), STEPS, tmp_path, save_every=STEPS // 2).train(
        resume_from_checkpoint=True
    )
    expected, resumed = adapter_of(model), adapter_of(again)
    assert expected.keys() == resumed.keys()
    assert all(torch.equal(expected[name], resumed[name]) for name in expected)


def test_what_is_exported_merges_into_the_base_and_gives_the_same_vectors(run, tmp_path):
    _, model, out = run
    assert load_file(out / f"checkpoint-{STEPS}" / "adapter.safetensors").keys() == adapter_of(model).keys()
    save_file(adapter_of(model), tmp_path / "adapter.safetensors")
    merged = SentenceTransformer(str(bundled_folder()), device="cpu")
    base = merged.encode(["when does it hunt?"])
    merge_adapter(merged[0], tmp_path / "adapter.safetensors")
    assert merged.encode(["when does it hunt?"]) == pytest.approx(
        model.encode(["when does it hunt?"]), abs=1e-5
    )
    assert not np.allclose(merged.encode(["when does it hunt?"]), base, atol=1e-4)


def test_the_mean_of_two_adapters_adds_half_of_what_each_adds(tmp_path):
    chance = torch.Generator().manual_seed(1)
    layer = "encoder.layer.0.attention.self.query"
    one, other = (
        {
            f"{layer}.lora_A.weight": torch.randn(2, 384, generator=chance).half(),
            f"{layer}.lora_B.weight": torch.randn(384, 2, generator=chance).half(),
        }
        for _ in range(2)
    )
    added = []
    for name, adapter in (("one", one), ("other", other), ("mean", mean_of(one, other))):
        save_file(adapter, tmp_path / name)
        model = SentenceTransformer(str(bundled_folder()), device="cpu")
        weight = model[0].get_submodule(f"model.{layer}").weight
        before = weight.detach().clone()
        merge_adapter(model[0], tmp_path / name)
        added.append(weight.detach() - before)
    assert torch.allclose(added[2], (added[0] + added[1]) / 2, atol=1e-2)
    assert added[2].abs().max() > 1


def test_no_batch_has_two_rows_of_a_page(tmp_path):
    trainer = new_trainer(new_model(), small_rows(), STEPS, tmp_path)
    batches = list(trainer.get_train_dataloader().batch_sampler)
    assert len(batches) == 3 * STEPS
    pages = [row.page for each in small_rows().values() for row in each]
    for batch in batches:
        assert len({pages[place] for place in batch}) == len(batch) == EACH


class Given(torch.nn.Module):
    """Gives back what it is given."""

    def forward(self, column):
        return column


def test_the_soft_margin_compares_every_answered_question_with_every_near_miss():
    passages, right, missed = torch.eye(2), torch.eye(2), torch.tensor([[0.5, 0.0], [0.0, 1.0]])
    loss = SoftMargin(Given())([{"sentence_embedding": each} for each in (passages, right, missed)], None)
    expected = np.mean([np.log1p(np.exp(10 * (near - 1 + 0.15))) for near in (0.5, 1.0)])
    assert float(loss) == pytest.approx(expected, abs=1e-5)


def test_every_kind_of_rows_has_its_loss():
    losses = losses_of(new_model())
    assert all(losses.keys() == recipe.batches.keys() for recipe in RECIPES)


def test_figures_by_passage_alone():
    passages = {"T. right": [1, 0], "T. wrong": [0, 1]}
    asked = {"easy": [0.8, 0.6], "hard": [0.6, 0.8], "miss": [0.7, 0.7], "far": [0, 0]}
    vectors = passages | asked
    questions = [
        Question("1", "easy", Role.ANSWERABLE, group="a", gold=(GoldSpan("right", 0, 5),)),
        Question("2", "hard", Role.ANSWERABLE, group="a", gold=(GoldSpan("right", 0, 5),)),
        Question("3", "miss", Role.UNANSWERABLE, group="a"),
        Question("4", "far", Role.UNANSWERABLE, group="a"),
    ]
    entries = [Entry("right", "T", "right"), Entry("wrong", "T", "wrong")]
    articles = QuestionSet("s", tuple(questions), {"a": entries}, ("all",), False, "0")
    figures = encoder_figures(lambda texts: np.array([vectors[text] for text in texts], np.float32), articles)
    assert figures == EncoderFigures(0.5, 1.0, 1.0, 2, 2)
    assert str(figures) == "success@1 0.500, success@3 1.000, AUROC 1.000 (2 answerable, 2 near misses)"
