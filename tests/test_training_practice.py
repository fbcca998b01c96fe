import random
from collections import Counter
from dataclasses import replace

import pytest
import torch

from tests.test_training_reader import Words
from tests.test_training_twins import new_reader
from training.checkpoints import resume, save
from training.practice import Practice
from training.reader_packs import Packer, Row
from training.reader_steps import Material
from training.reader_trainer import Stage, Trainer
from training.reading_examples import Asked, ReadPassage

PASSAGE = ReadPassage(
    "a", "a#0", "", "one two three", [Asked(f"question {number}", number % 2) for number in range(6)]
)
OTHER = ReadPassage("a", "a#1", "", "four five six", [Asked(f"other {number}", 0) for number in range(6)])
STRANGER = Asked("of a neighbour", 0, None, False)


def practice(lost=None):
    return Practice(Material([PASSAGE, OTHER], {"a#0": [STRANGER], "a#1": []}), {} if lost is None else lost)


def drawn(from_, times=2000):
    chance = random.Random(1)
    rows = [from_.row(chance) for _ in range(times)]
    return rows, Counter(asked.question for row in rows for asked in row.asked)


def test_what_has_not_been_put_yet_is_always_put():
    rows, _ = drawn(practice(), 100)
    for row in rows:
        own = {asked.question for asked in row.asked if asked.mine}
        assert own == {asked.question for asked in (PASSAGE, OTHER)[row.passage.passage_id == "a#1"].asked}
        assert (STRANGER in row.asked) == (row.passage.passage_id == "a#0")


def test_what_is_known_is_put_seldom_and_its_passage_too():
    lost = {f"a#0 question {number}": 0.001 for number in range(5)} | {"a#0 question 5": 2.0}
    rows, times = drawn(practice(lost))
    share = Counter(row.passage.passage_id for row in rows)["a#0"] / len(rows)
    assert share == pytest.approx((0.5 + 1.0 + 0.005) / (0.5 + 1.005 + 0.5 + 6 * 0.7), abs=0.03)
    assert times["question 5"] == round(share * len(rows))
    for number in range(5):
        assert times[f"question {number}"] / times["question 5"] == pytest.approx(0.12, abs=0.05)


def test_a_passage_of_which_all_is_known_is_still_asked_something():
    lost = {
        f"a#{number} {asked.question}": 0.0 for number in (0, 1) for asked in (PASSAGE, OTHER)[number].asked
    }
    rows, _ = drawn(practice(lost), 200)
    assert all(any(asked.mine for asked in row.asked) for row in rows)


def test_what_was_lost_is_noted_of_its_own_questions_alone_by_halves():
    lost = {"a#0 question 1": 1.0}
    stranger = replace(PASSAGE, passage_id="b#0")
    noting = practice(lost)
    noting.note(
        [
            Row(stranger, [Asked("question 1", 1)]),
            Row(PASSAGE, [PASSAGE.asked[1], STRANGER, PASSAGE.asked[2]]),
        ],
        [9.0, 0.5, 8.0, 0.25],
    )
    assert lost == {"a#0 question 1": 0.75, "a#0 question 2": 0.25}


def test_a_run_that_was_cut_off_knows_what_was_lost(tmp_path):
    weight = torch.nn.Parameter(torch.ones(1))

    class Run:
        weights = (weight,)
        optimiser = torch.optim.AdamW([weight])

    save(Run(), 7, tmp_path / "stage.pt", {"a#0 question 1": 0.5})
    found = {}
    assert resume(Run(), tmp_path / "stage.pt", found) == 7
    assert found == {"a#0 question 1": 0.5}


def test_a_step_notes_what_it_lost_on_each_question():
    lost = {}
    stage = Stage(10, {"further": 1.0}, falling=False)
    trainer = Trainer(new_reader(1), {"further": practice(lost)}, stage)
    trainer._packer = Packer(Words())
    trainer.step(3)
    assert set(lost) == {
        f"{one.passage_id} {asked.question}" for one in (PASSAGE, OTHER) for asked in one.asked
    }
    assert all(value > 0 for value in lost.values())
