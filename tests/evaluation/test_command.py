"""From question sets to report files, with figures worked out by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evaluation import command as command_module
from evaluation.command import command, evaluate
from evaluation.errors import EvaluationError
from evaluation.interface import Engine
from tests.evaluation.builders import Folder, write_rows
from tests.evaluation.word_engine import WordEngine
from tests.fakes import WordEncoder

Configs = dict[str, Callable[[], Engine]]


@pytest.fixture
def configs(word_encoder: WordEncoder) -> Configs:
    return {"product": lambda: WordEngine(word_encoder)}


@pytest.fixture
def public_set(tmp_path: Path) -> Path:
    folder = Folder()
    folder.queries.append({"_id": "q3", "text": "sleepy fits?", "group": "a"})
    folder.queries.append({"_id": "q4", "text": "stop?", "group": "a"})
    folder.qrels += ["q3\tp2\t1", "q4\tp2\t1"]
    folder.unanswerable.append({"_id": "n2", "text": "stop panic?", "group": "b"})
    return folder.write(tmp_path / "public")


@pytest.fixture
def own_set(tmp_path: Path) -> Path:
    gold = ["It is given for fits."]
    rows = [{"id": f"a{number}", "q": "<b>fits</b>?", "gold": gold} for number in range(6)]
    write_rows(tmp_path / "own" / "answerable.jsonl", rows)
    write_rows(
        tmp_path / "own" / "unanswerable.jsonl", [{"id": f"u{n}", "q": "dose fits?"} for n in range(6)]
    )
    return tmp_path / "own"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_figures_are_exact(tmp_path: Path, public_set: Path, configs: Configs) -> None:
    assert evaluate([str(public_set)], tmp_path / "out", [], configs, tmp_path) == []
    found = read(tmp_path / "out" / "public.json")
    values = {name: figure["value"] for name, figure in found["figures"]["all"].items()}
    # q1 and q2 score 1; q3 0.7071 on p1 and p2 alike, p1 first; q4 has no known word: p1 first.
    expected = {
        "success@1": 0.5,
        "success@3": 1,
        "mrr@10": 0.75,
        "ndcg@10": round((1 + 1 + 0.63093 + 0.63093) / 4, 4),
        "found_rate": 0.75,
        "found_right_rate": 0.5,
        "found_false_rate": 0.5,  # n2 scores 0.7071, n1 0
        "auroc": (2 + 2 + 1.5 + 0.5) / 8,
        "false_at_90": 1,
    }
    assert {name: values[name] for name in expected} == expected
    assert found["questions"] == {"all": {"answerable": 4, "unanswerable": 2}}
    assert (found["quoted_part"], found["unjudged"], found["unreachable"]) == ("all", 0, 0)
    assert found["encoder"] == {"name": "words"}


def test_rows_of_public_sets_hold_no_words(tmp_path: Path, public_set: Path, configs: Configs) -> None:
    evaluate([str(public_set)], tmp_path / "out", [], configs, tmp_path)
    text = (tmp_path / "out" / "public.json").read_text(encoding="utf-8")
    assert read(tmp_path / "out" / "public.json")["rows"][2] == {
        "id": "q3",
        "part": "all",
        "role": "answerable",
        "kind": "FOUND",
        "probability": 0.7071,
        "first_right": 2,
        "relevant": ["p2:0-21"],
        "ranked": ["p1:0-9", "p2:0-21"],
        "signals": {"cosine": 0.7071},
    }
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for words in ("sleepy", "panic", "For fits"):
        assert words not in text + page


def test_our_own_set_is_quoted_by_its_test_half(
    tmp_path: Path, own_set: Path, corpus_dir: Path, configs: Configs
) -> None:
    evaluate([str(own_set)], tmp_path / "out", [], configs, corpus_dir)
    found = read(tmp_path / "out" / "own.json")
    assert found["quoted_part"] == "test"
    assert list(found["figures"]) == ["test", "tune"]
    answerable = [found["figures"][part]["success@1"] for part in ("test", "tune")]
    assert sum(each["n"] for each in answerable) == 6
    assert [each["value"] for each in answerable] == [1, 1]
    assert found["rows"][0]["q"] == "<b>fits</b>?"


def test_the_report_stands_alone_and_escapes_words(
    tmp_path: Path, own_set: Path, corpus_dir: Path, configs: Configs
) -> None:
    evaluate([str(own_set)], tmp_path / "out", [], configs, corpus_dir)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,iVBOR") == 4
    assert "http" not in page.replace("https://", "http://").split("<body>")[0]
    assert "<b>" not in page
    assert "The worst" in page


def test_the_same_questions_give_the_same_files(tmp_path: Path, public_set: Path, configs: Configs) -> None:
    for name in ("one", "two"):
        evaluate([str(public_set)], tmp_path / name, [], configs, tmp_path)
    for file in ("public.json", "report.html"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_an_ablation_tells_the_difference(
    tmp_path: Path, public_set: Path, configs: Configs, word_encoder: WordEncoder
) -> None:
    configs["never found"] = lambda: WordEngine(word_encoder, found=2)
    evaluate([str(public_set)], tmp_path / "out", [], configs, tmp_path)
    product, never = read(tmp_path / "out" / "ablation.json")
    assert (product["configuration"], product["gains"]) == ("product", {})
    assert never["settings"] == {"found": 2}
    gains = {name: figure["value"] for name, figure in never["gains"]["all"].items()}
    assert gains["success@1"] == gains["auroc"] == 0
    assert (gains["found_rate"], gains["found_false_rate"]) == (-0.75, -0.5)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Ablation" in page
    assert 'class="number worse">0.000' in page


def test_limits_are_checked_on_every_set(tmp_path: Path, public_set: Path, configs: Configs) -> None:
    limits = ["success@1=0.5", "success@1=0.6", "found_false_rate<=0.4"]
    assert evaluate([str(public_set)], tmp_path / "out", limits, configs, tmp_path) == [
        "public: success@1>=0.6 failed: success@1 is 0.5000",
        "public: found_false_rate<=0.4 failed: found_false_rate is 0.5000",
    ]


def test_a_bad_limit_is_refused_before_anything_is_asked(tmp_path: Path, public_set: Path) -> None:
    with pytest.raises(EvaluationError, match="There is no figure 'f1'"):
        evaluate([str(public_set)], tmp_path / "out", ["f1=0.5"], {}, tmp_path)


def test_two_sets_of_one_name_are_refused(tmp_path: Path, public_set: Path, configs: Configs) -> None:
    with pytest.raises(EvaluationError, match="the same name, and so would their reports: public"):
        evaluate([str(public_set), str(public_set)], tmp_path / "out", [], configs, tmp_path)


def test_a_folder_that_cannot_be_written_is_an_expected_error(
    tmp_path: Path, public_set: Path, configs: Configs
) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(EvaluationError, match="The report cannot be written to .*Choose another --out"):
        evaluate([str(public_set)], tmp_path / "out", [], configs, tmp_path)


@pytest.mark.parametrize(("limit", "status"), [("success@1=0.5", 0), ("success@1=0.6", 1)])
def test_the_command_exits_by_the_limit(
    tmp_path: Path,
    public_set: Path,
    configs: Configs,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    status: int,
) -> None:
    monkeypatch.setattr(command_module, "configurations", lambda: configs)
    arguments = [str(public_set), "--out", str(tmp_path / "out"), "--fail-under", limit]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == status
    assert "success@1                        0.500 [" in result.stdout
    assert ("public: success@1>=0.6 failed: success@1 is 0.5000" in result.stderr) is bool(status)


def test_one_piece_can_be_left_out_alone(
    tmp_path: Path, public_set: Path, configs: Configs, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (*configs, "third", "fourth")[:3]
    three = {**configs, second: configs[first], third: configs[first]}
    monkeypatch.setattr(command_module, "configurations", lambda: three)
    measured = list[str]()
    monkeypatch.setattr(command_module, "evaluate", lambda *arguments: measured.extend(arguments[3]) or [])
    assert CliRunner().invoke(command, [str(public_set), "--against", third]).exit_code == 0
    assert measured == [first, third]


def test_what_cannot_be_left_out_is_refused(
    public_set: Path, configs: Configs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_module, "configurations", lambda: configs)
    result = CliRunner().invoke(command, [str(public_set), "--against", "no luck"])
    assert isinstance(result.exception, EvaluationError)
    assert "There is no 'no luck' to compare with. Choose of: " in str(result.exception)
