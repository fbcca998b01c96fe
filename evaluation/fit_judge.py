"""Fits the judge's numbers: `python -m evaluation.fit_judge HANDWRITTEN_FOLDER`.

The model `curated` is fitted on the tune half of the first article's questions, none of the others on
anything about it: `prose` on the hand-written training questions, `read`, for passages that the reader has
read, on those of them and of the articles written with their questions that the reader has not learnt from, and
on questions of others put to these: what has nothing to do with an article must not look like a near miss.
The tune half's questions are among the article's curated questions: each is asked with its own copy left
out. All are logistic regressions of "the best passage is a right one" over standardised signals. Thresholds
are read off the same questions, the probabilities cross-validated: `found` lets 95% of the answerable ones
be FOUND by `curated`, 85% by `prose` and 75% by `read`, which tell near misses less well (a wrong answer is
worse than none, and with 85% half of the near misses were FOUND); `related` lets 99% be FOUND
or RELATED. What lies further from the articles than all but 3% (`near_found`) or 1% (`near_related`) of the
answerable questions is not shown as such whatever the rest says: questions about something else altogether
have no near miss to be told from.
"""

import json
from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assistant.corpus import Corpus, read_corpus
from assistant.encoder import open_encoder
from assistant.reader import reader_revision
from assistant.settings import ROOT, read_settings
from evaluation.encoding import RememberingEncoder
from evaluation.engine import ProductEngine
from evaluation.handwritten import only_pages, pages_apart, read_handwritten
from evaluation.interface import Engine
from evaluation.judgements import Collection, QuestionSet, Role
from evaluation.own_set import read_own_set
from evaluation.runner import Outcome, run
from evaluation.strangers import strangers
from evaluation.written import read_written

OWN_SET = ROOT / "evaluation/sets/clonazepam"
JUDGE = ROOT / "assistant/data/judge.json"
FOUND_SHARE, RELATED_SHARE = {"curated": 0.95, "prose": 0.85, "read": 0.75}, 0.99
NEAR_FOUND_SHARE, NEAR_RELATED_SHARE = 0.97, 0.99
_PROSE = ["dense", "sentence", "lexical", "margin", "agreement", "covered", "known", "topic", "spoken_of"]
_CURATED = [*_PROSE, "answered", "unanswered", "answered_density", "unanswered_density"]
_ALWAYS = {"dense", "lexical"}
_STRENGTH = 0.3
_PAGES = 36
_FOLDS = 10


@click.command()
@click.argument("handwritten", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(handwritten: Path) -> None:
    """Fit all models and write assistant/data/judge.json."""
    settings = read_settings()
    encoder = RememberingEncoder(open_encoder(settings.encoder))
    own = read_own_set(OWN_SET, read_corpus(settings.corpus_dir))
    pages, written = read_handwritten(handwritten), read_written()
    engine, without = ProductEngine(encoder), ProductEngine(encoder, reader=False)
    unlearnt = (pages_apart(pages), written)
    asked = (*unlearnt, *map(strangers, unlearnt))
    read = [outcome for each in asked for outcome in run(engine, each).outcomes]
    models = {
        "curated": _fit(_asked_as_if_new(engine, own), _CURATED, "curated"),
        "prose": _fit(list(run(without, _some_pages(pages)).outcomes), _PROSE, "prose"),
        "read": _fit([each for each in read if "reads" in each.reply.signals], [*_PROSE, "reads"], "read"),
    }
    command = "python -m evaluation.fit_judge HANDWRITTEN_FOLDER"
    numbers = {
        "command": command,
        "encoder": engine.facts["encoder"],
        "reader": reader_revision(encoder, True),
        "sets": _hashes(own, pages, written),
        "models": models,
    }
    JUDGE.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


def _asked_as_if_new(engine: Engine, own: QuestionSet) -> list[Outcome]:
    questions = [each for each in own.questions if each.part == "tune" and each.role in _JUDGED]
    outcomes: list[Outcome] = []
    for fold in range(_FOLDS):
        asked = questions[fold::_FOLDS]
        texts = {question.text for question in asked}
        collections = {group: _without(texts, corpus) for group, corpus in own.collections.items()}
        outcomes += run(engine, replace(own, questions=tuple(asked), collections=collections)).outcomes
    return outcomes


def _without(texts: Container[str], corpus: Collection) -> Collection:
    if not isinstance(corpus, Corpus):
        return corpus
    documents = [
        replace(each, curated=tuple(question for question in each.curated if question.text not in texts))
        for each in corpus.documents
    ]
    return Corpus(tuple(documents))


def _some_pages(training: QuestionSet) -> QuestionSet:
    """Some of the pages, whole, about conditions and medicines alike: enough for nine numbers."""
    pages = list(training.collections)
    return only_pages(training, pages[:: len(pages) // _PAGES])


_JUDGED = {Role.ANSWERABLE, Role.UNANSWERABLE}


def _fit(outcomes: Sequence[Outcome], names: Sequence[str], title: str) -> dict[str, Any]:
    judged = [outcome for outcome in outcomes if outcome.reply.signals.keys() >= _ALWAYS]
    signals = np.array(
        [[outcome.reply.signals.get(name, np.nan) for name in names] for outcome in judged], float
    )
    # As the judge takes it: a signal that cannot be had counts as average.
    signals = np.where(np.isnan(signals), np.nanmean(signals, axis=0), signals)
    near = np.array([outcome.reply.signals["near"] for outcome in judged], float)
    right = np.array([outcome.right_first for outcome in judged])
    answerable = np.array([outcome.question.role is Role.ANSWERABLE for outcome in judged])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=1000))
    unseen = cross_val_predict(model, signals, right, cv=10, method="predict_proba")[:, 1]
    model.fit(signals, right)
    found = float(np.quantile(unseen[answerable], 1 - FOUND_SHARE[title]))
    click.echo(
        f"{title}: {len(judged)} questions, cross-validated AUROC answerable against not "
        f"{roc_auc_score(answerable, unseen):.3f}, "
        f"not answerable but FOUND {np.mean(unseen[~answerable] >= found):.2f}"
    )
    scaler, logistic = model[0], model[1]
    return {
        "intercept": _rounded(logistic.intercept_[0]),
        "means": _named(names, scaler.mean_),
        "scales": _named(names, scaler.scale_),
        "weights": _named(names, logistic.coef_[0]),
        "found": _rounded(found),
        "related": _rounded(np.quantile(unseen[answerable], 1 - RELATED_SHARE)),
        "near_found": _rounded(np.quantile(near[answerable], 1 - NEAR_FOUND_SHARE)),
        "near_related": _rounded(np.quantile(near[answerable], 1 - NEAR_RELATED_SHARE)),
    }


def _named(names: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    return {name: _rounded(value) for name, value in zip(names, values, strict=True)}


def _rounded(value: float) -> float:
    return round(float(value), 6)


def _hashes(*sets: QuestionSet) -> dict[str, str]:
    return {question_set.name: question_set.sha256 for question_set in sets}


if __name__ == "__main__":
    main()
