"""Articles come and go in one step: whatever happens, the corpus reads as before or as after."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.corpus import read_corpus
from assistant.corpus_files import PENDING
from assistant.errors import BuildBusyError, CorpusError
from assistant.ingest.files import Original
from assistant.library.adding import accept_skips, add
from assistant.library.drafts import Draft, Facts
from assistant.library.replacing import remove, replace
from assistant.settings import ROOT
from assistant.storage.locking import lock
from tests.conftest import ARTICLE, write_corpus
from tests.documents import as_html, as_text
from tests.test_cli import run


def original(text: str, name: str = "new.txt") -> Original:
    return Original(name, "text", text.encode())


def texts(corpus_dir: Path) -> dict[str, str]:
    return {document.doc_id: document.text for document in read_corpus(corpus_dir).documents}


def names(corpus_dir: Path) -> list[str]:
    return sorted(path.relative_to(corpus_dir).as_posix() for path in corpus_dir.rglob("*") if path.is_file())


NEW = "New article\n\nSertraline is new. Sertraline is good. Sertraline is sold as Zoloft.\n"


def test_an_added_article_is_read_with_what_was_said_of_it(tmp_path: Path) -> None:
    facts = Facts(publisher="Trust", licence="CC BY", reviewed="2026-11", about=("pills", "Fits"))
    page = Original("page.html", "html", as_html())
    [outcome] = add(tmp_path, [page], facts)
    [document] = read_corpus(tmp_path).documents
    assert (outcome.status, outcome.doc_id, document.doc_id) == ("added", "page", "page")
    assert document.title == "About little pills"
    assert document.subjects == ("pills", "Fits")
    assert document.source.publisher == "Trust"
    assert document.source.url == "https://example.org/pills"
    sources = (tmp_path / "sources.toml").read_text()
    assert f'original = {{name = "page.html", sha256 = "{page.sha256}"}}' in sources
    assert names(tmp_path) == [".lock", "articles/page.md", "sources.toml"]


def test_what_is_there_already_is_not_added_again(corpus_dir: Path) -> None:
    assert [each.status for each in add(corpus_dir, [original(NEW), original(NEW, "b.txt")])] == [
        "added",
        "unchanged",
    ]
    assert [each.status for each in add(corpus_dir, [original(ARTICLE)])] == ["unchanged"]


def test_two_articles_of_one_name_get_two_ids(corpus_dir: Path) -> None:
    given = [original(NEW), original(NEW + "More.\n")]
    assert [each.doc_id for each in add(corpus_dir, given)] == ["new", "new-2"]
    [refused] = add(corpus_dir, [original(NEW + "Else.\n")], doc_id="new")
    assert (refused.status, refused.reason) == ("refused", "taken")


@pytest.mark.parametrize(
    ("facts", "doc_id", "message"),
    [
        (Facts(reviewed="last year"), "", "reviewed: String should match pattern"),
        (Facts(), "../up", "id: String should match pattern"),
    ],
)
def test_what_cannot_be_said_is_refused(corpus_dir: Path, facts: Facts, doc_id: str, message: str) -> None:
    before = names(corpus_dir)
    [outcome] = add(corpus_dir, [original(NEW)], facts, doc_id)
    assert (outcome.status, outcome.reason) == ("refused", "entry")
    assert message in outcome.message
    assert names(corpus_dir) == sorted([*before, ".lock"])


def test_an_article_without_a_paragraph_is_refused(corpus_dir: Path) -> None:
    [outcome] = add(corpus_dir, [Original("a.md", "markdown", b"# Only\n\n## Headings\n")])
    assert (outcome.status, outcome.reason) == ("refused", "empty")


def test_accepted_skips_are_never_shown(tmp_path: Path) -> None:
    text = (ROOT / "corpus/articles/clonazepam-2mg.txt").read_text(encoding="utf-8")
    [outcome] = add(tmp_path, [original(text)], decide=accept_skips)
    [document] = read_corpus(tmp_path).documents
    [(start, end)] = document.skipped
    assert document.text[start:end] == "Tramadol: Side Effects, Dosage, Uses, and More" == outcome.skipped[0]
    assert document.subjects == ("clonazepam", "Klonopin")


def test_replacing_keeps_what_was_said_and_shows_what_changed(corpus_dir: Path) -> None:
    sources = corpus_dir / "sources.toml"
    sources.write_text("# A person wrote this.\n" + sources.read_text() + "# And this.\n")
    outcome = replace(corpus_dir, "little", original(ARTICLE.replace("It makes some people sleepy. ", "")))
    assert outcome.changes == ("-It makes some people sleepy.",)
    [document] = read_corpus(corpus_dir).documents
    assert (document.doc_id, document.title, document.subjects) == ("little", "Little article", ("little",))
    assert "# A person wrote this.\n" in sources.read_text()
    assert "# And this.\n" in sources.read_text()
    assert replace(corpus_dir, "little", original(document.text)).status == "unchanged"
    assert len(list((corpus_dir / "articles").iterdir())) == 1


def test_a_skipped_text_that_is_gone_is_no_longer_skipped(tmp_path: Path) -> None:
    text = "Title\n\nShare this page\n\nSertraline words. More of them.\n"
    list(add(tmp_path, [original(text), original(NEW, "b.txt")], decide=accept_skips))
    outcome = replace(tmp_path, "new", original(text.replace("Share this page\n\n", "")))
    assert "no longer in the text, so no longer skipped: Share this page" in outcome.notes
    assert read_corpus(tmp_path).documents[0].skipped == ()


def test_replacing_proposes_and_accepts_further_skips_only(tmp_path: Path) -> None:
    text = "Title\n\nShare this page\n\nSertraline words. More of them.\n"
    list(add(tmp_path, [original(text), original(NEW, "b.txt")], decide=accept_skips))
    more = text + "\n© 2020 Somebody\n"
    facts = Facts(publisher="Trust", about=("sertraline",))
    assert replace(tmp_path, "new", original(more), facts, accept_skips).skipped == ("© 2020 Somebody",)
    document = read_corpus(tmp_path).documents[0]
    shown = [document.text[start:end] for start, end in document.skipped]
    assert shown == ["Share this page", "© 2020 Somebody"]
    assert (document.source.publisher, document.subjects) == ("Trust", ("sertraline",))
    again = replace(tmp_path, "new", original(more + "\nSubscribe\n"))
    assert [each.text for each in again.proposed_skips] == ["Subscribe"]


def test_the_first_skip_of_an_article(corpus_dir: Path) -> None:
    new = original(ARTICLE + "\nShare this page\n")
    replace(corpus_dir, "little", new, decide=accept_skips)
    [document] = read_corpus(corpus_dir).documents
    assert [document.text[start:end] for start, end in document.skipped] == ["Share this page"]


QUESTIONS = """\
# Mine.
[[question]]
q = "For fits?"
quote = "given for fits"

[[question]]
q = "Sleepy?"
quote = "some people sleepy"
"""


def test_curated_questions_hold_up_a_text_that_has_lost_their_quotes(corpus_dir: Path) -> None:
    (corpus_dir / "questions").mkdir()
    path = corpus_dir / "questions/little.toml"
    path.write_text(QUESTIONS)
    new = original(ARTICLE.replace("sleepy", "tired"))
    refused = replace(corpus_dir, "little", new)
    assert (refused.status, refused.reason) == ("refused", "questions")
    assert "1 in little.toml: Sleepy?. Say --drop-lost-questions" in refused.message
    assert texts(corpus_dir) == {"little": ARTICLE}
    done = replace(corpus_dir, "little", new, drop_lost_questions=True)
    assert done.notes[-1] == "question dropped, its quote is not in the new text: Sleepy?"
    assert [each.text for each in read_corpus(corpus_dir).documents[0].curated] == ["For fits?"]
    assert path.read_text().startswith("# Mine.\n")


def test_removing(corpus_dir: Path) -> None:
    list(add(corpus_dir, [original(NEW)]))
    (corpus_dir / "questions").mkdir()
    (corpus_dir / "questions/little.toml").write_text(QUESTIONS)
    with pytest.raises(CorpusError, match="There is no article with the id 'none'. See them with"):
        remove(corpus_dir, ["none"])
    remove(corpus_dir, ["little"])
    assert list(texts(corpus_dir)) == ["new"]
    assert names(corpus_dir) == [".lock", "articles/new.txt", "sources.toml"]
    with pytest.raises(CorpusError, match="A corpus needs at least one article"):
        remove(corpus_dir, ["new"])


def test_what_a_person_writes_meanwhile_stays(corpus_dir: Path) -> None:
    def write(draft: Draft) -> Draft:
        with (corpus_dir / "sources.toml").open("a") as sources:
            sources.write("\n# A note by hand.\n")
        return draft

    [outcome] = add(corpus_dir, [original(NEW)], decide=write)
    assert outcome.status == "added"
    assert "# A note by hand." in (corpus_dir / "sources.toml").read_text()
    assert texts(corpus_dir).keys() == {"little", "new"}


def test_two_changes_at_once(corpus_dir: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(corpus_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"holding\n"
        with pytest.raises(BuildBusyError, match=f"Another command is changing .*: process {holder.pid} "):
            list(add(corpus_dir, [original(NEW)]))
    assert [each.status for each in add(corpus_dir, [original(NEW)])] == ["added"]


HOLD = """
import sys
from pathlib import Path
from assistant.library.changes import changing_corpus
with changing_corpus(Path(sys.argv[1])):
    print("holding", flush=True)
    sys.stdin.read()
"""

KILL_AT_EVERY_STEP = """
import os, shutil, signal, sys
from pathlib import Path
from assistant.library import adding, replacing, changes
from assistant.library.drafts import Facts
from tests.test_library import NEW, original
from tests.conftest import ARTICLE

def changes_the_disk(event, arguments):
    if event == "open":
        return isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return event in {"os.mkdir", "os.rename", "os.remove"}

def kill_at(step):
    def count(event, arguments):
        nonlocal step
        if changes_the_disk(event, arguments):
            step -= 1
            if step == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)

def act(folder):
    if sys.argv[2] == "add":
        list(adding.add(folder, [original(NEW)]))
    elif sys.argv[2] == "replace":
        replacing.replace(folder, "little", original(NEW))
    else:
        replacing.remove(folder, ["little"])

start, step, killed = Path(sys.argv[1]), 0, True
while killed:
    step += 1
    copy = start.with_name(f"step-{step:03}")
    shutil.copytree(start, copy)
    process = os.fork()
    if not process:
        kill_at(step)
        act(copy)
        os._exit(0)
    killed = os.WIFSIGNALED(os.waitpid(process, 0)[1])
"""


@pytest.mark.parametrize("act", ["add", "replace", "remove"])
def test_a_kill_at_any_step_leaves_the_corpus_as_before_or_as_after(tmp_path: Path, act: str) -> None:
    start = write_corpus(tmp_path / "start", {"little": ARTICLE, "other": "Other\n\nOther words.\n"})
    before = texts(start)
    subprocess.run([sys.executable, "-c", KILL_AT_EVERY_STEP, str(start), act], cwd=ROOT, check=True)
    copies = sorted(tmp_path.glob("step-*"))
    outcomes = [texts(copy) for copy in copies]
    after = outcomes[-1]
    assert after != before
    assert len(copies) > 8
    changed = outcomes.index(after)
    assert outcomes == [before] * changed + [after] * (len(outcomes) - changed)
    for copy in copies:
        list(add(copy, [original("Last article\n\nIts words.\n", "last.txt")]))
        listed = {f"articles/{entry}" for entry in _files(copy)}
        assert names(copy) == sorted([".lock", "sources.toml", *listed])


def _files(corpus_dir: Path) -> list[str]:
    sources = (corpus_dir / "sources.toml").read_text()
    return [line.split('"')[1] for line in sources.splitlines() if line.startswith("file = ")]


def test_a_pending_name_that_is_no_article_is_not_followed(corpus_dir: Path) -> None:
    (corpus_dir / PENDING).write_text("../sources.toml\n")
    with pytest.raises(CorpusError, match=r"names '../sources.toml', which is no article. Delete .pending"):
        list(add(corpus_dir, [original(NEW)]))
    assert texts(corpus_dir) == {"little": ARTICLE}


FULL = """
import resource, sys
from pathlib import Path
from assistant.errors import CorpusError
from assistant.library.adding import add
from assistant.library.changes import changing_corpus, commit, sources_text
folder = Path(sys.argv[1])
try:
    with changing_corpus(folder):
        sources = sources_text(folder)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
        commit(folder, sources + "#" * 2000, {"x.txt": "words " * 200})
except CorpusError as error:
    print(error)
"""


@pytest.mark.parametrize("room", [1, 100, 1500])
def test_a_full_disk_changes_nothing(corpus_dir: Path, room: int) -> None:
    before = {name: (corpus_dir / name).read_bytes() for name in names(corpus_dir)}
    command = [sys.executable, "-c", FULL, str(corpus_dir), str(room)]
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert said == (
        f"The articles in {corpus_dir} could not be changed: File too large. Raise the limit on the size of "
        "files (ulimit -f), then try again. Nothing was changed.\n"
    )
    (corpus_dir / ".lock").unlink()
    assert {name: (corpus_dir / name).read_bytes() for name in names(corpus_dir)} == before


class TestCommandLine:
    def test_add_list_replace_remove(self, tmp_path: Path) -> None:
        places = {"ASSISTANT_CORPUS_DIR": tmp_path / "corpus", "ASSISTANT_INDEX_DIR": tmp_path / "index"}
        given = tmp_path / "given"
        given.mkdir()
        (given / "pills.html").write_bytes(as_html())
        (given / "other.txt").write_text(NEW)
        (given / "bad.txt").write_bytes(b"a\x00b")
        added = run("add", str(given), "--json", **places)
        report = json.loads(added.stdout)
        assert added.returncode == 1
        assert report["counts"] == {"added": 2, "replaced": 0, "unchanged": 0, "refused": 1}
        assert [(each["file"], each["status"], each["reason"]) for each in report["files"]] == [
            ("bad.txt", "refused", "control characters"),
            ("other.txt", "added", ""),
            ("pills.html", "added", ""),
        ]
        assert run("add", str(given / "bad.txt"), **places).returncode == 2
        again = run("add", str(given / "other.txt"), **places)
        assert (again.returncode, again.stdout) == (0, b"other.txt: already in the corpus as other\n")
        listed = json.loads(run("list", "--json", **places).stdout)
        assert [(each["id"], each["original"]["name"]) for each in listed] == [
            ("other", "other.txt"),
            ("pills", "pills.html"),
        ]
        pasted = run("replace", "other", "-", given=NEW.replace("good", "bad").encode(), **places)
        assert "  -Sertraline is good.\n  +Sertraline is bad.\n" in pasted.stdout.decode()
        removed = run("remove", "pills", **places)
        assert removed.stdout == b"Removed pills. Then run: python -m assistant build\n"
        built = run("build", **places)
        assert built.stdout.decode().splitlines()[0].endswith(": 1 article(s), 1 passages.")

    def test_what_was_dropped_is_printed(self, tmp_path: Path) -> None:
        (tmp_path / "pills.html").write_bytes(as_html())
        said = run(
            "add", str(tmp_path / "pills.html"), ASSISTANT_CORPUS_DIR=tmp_path / "corpus"
        ).stdout.decode()
        assert "  - Home menu words   (menu)\n" in said
        assert "  - A caption of a picture   (caption)\n" in said

    def test_pasted_text(self, tmp_path: Path) -> None:
        given = run("add", "-", "--id", "mine", given=as_text(), ASSISTANT_CORPUS_DIR=tmp_path)
        assert given.returncode == 0
        assert texts(tmp_path) == {"mine": as_text().decode()}

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["add", "."], "There is no .txt, .md, .html, .pdf or .docx file there."),
            (["replace", "none", "-"], "There is no article with the id 'none'."),
            (["remove", "none"], "There is no article with the id 'none'."),
            (["add", "a", "b", "--id", "x"], "--id is for one document."),
        ],
    )
    def test_errors_are_one_line(self, tmp_path: Path, arguments: list[str], words: str) -> None:
        (tmp_path / "empty").mkdir()
        arguments = [str(tmp_path / "empty") if each == "." else each for each in arguments]
        result = run(*arguments, given=NEW.encode(), ASSISTANT_CORPUS_DIR=tmp_path / "corpus")
        assert result.returncode == 2
        assert words in result.stderr.decode()


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs POSIX users")
def test_a_folder_that_may_not_be_written(corpus_dir: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from assistant.library.adding import add\nfrom assistant.errors import CorpusError\n"
        "from tests.test_library import NEW, original\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: list(add(Path(sys.argv[1]), [original(NEW)]))\n"
        "except CorpusError as error: print(error)\n"
    )
    for parent in (corpus_dir, *corpus_dir.parents):
        if parent.owner() != "root" or parent == Path("/tmp"):
            break
        parent.chmod(0o755)
    command = [sys.executable, "-c", code, str(corpus_dir)]
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert "could not be changed: Permission denied. Let this user write there, then try again." in said
    with lock(corpus_dir):
        assert texts(corpus_dir) == {"little": ARTICLE}
