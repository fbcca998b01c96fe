"""Disks that are full, folders that may not be used, clocks that jump: the old index serves, the next build mends.

Real ones throughout: a file system of limited size, limits of the kernel, another user, another time of day.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from assistant.building import build_id_of, build_index
from assistant.errors import AssistantError, CorpusError, IndexDamagedError, PublishError
from assistant.index import PassageIndex
from assistant.ingest.files import Original
from assistant.library.adding import add
from assistant.serving import LAST_GOOD, OK, LiveAssistant, open_live
from assistant.settings import ROOT, Settings
from assistant.storage.clearing import KEPT
from assistant.storage.generations import rollback
from assistant.storage.opening import list_generations, open_current
from tests.conftest import ARTICLE
from tools.endurance.editions import (
    SlowEncoder,
    check_answer,
    check_index,
    edition,
    editions_by_id,
    publish_edition,
    serve,
)
from tools.endurance.processes import start_talking

NOBODY = 65534
PAGE = os.sysconf("SC_PAGE_SIZE")
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


@pytest.fixture
def encoder() -> SlowEncoder:
    return SlowEncoder(0)


def left_behind(index_dir: Path) -> list[str]:
    hidden = (".tmp-", ".trash-", ".lock-holder")
    return [path.name for path in index_dir.iterdir() if path.name.startswith(hidden)]


def serves(index_dir: Path, number: int, live: LiveAssistant, encoder: SlowEncoder) -> None:
    """The index on disk and the server's are that edition's, whole."""
    editions = editions_by_id(encoder)
    index = PassageIndex.open(index_dir)
    check_index(index, encoder, editions)
    live.look()
    assert live.health()["status"] == OK
    assert [editions[each] for each in (index.build_id, check_answer(live, editions))] == [number, number]


def in_child(act: Callable[..., object], *arguments: object, user: int | None = None) -> str:
    """What `act` says, or the error it raises, in a process of its own, as that user if we may be another."""
    process, line = start_talking(_act_and_say, act, arguments, user)
    said = line.recv()
    process.join()
    return said


def _act_and_say(
    act: Callable[..., object], arguments: tuple[object, ...], user: int | None, line: Connection
) -> None:
    try:
        if user is not None and os.getuid() == 0:
            _import_what_is_imported_on_use()
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        said = str(act(*arguments))
    except AssistantError as error:
        said = f"{type(error).__name__}: {error}"
    line.send(said)


def _import_what_is_imported_on_use() -> None:
    """Another user may not be let into the folders of Python and its packages."""
    with tempfile.TemporaryDirectory() as folder:
        index_dir, encoder = Path(folder, "index"), SlowEncoder(0)
        publish_edition(index_dir, encoder, 0)
        serves(index_dir, 0, serve(index_dir, encoder), encoder)


class TestFullDisk:
    @pytest.fixture
    def disk(self, tmp_path: Path) -> Iterator[Path]:
        """A file system of 1 MiB."""
        disk = tmp_path / "disk"
        disk.mkdir()
        if os.getuid() != 0:
            pytest.skip("only root may mount a file system of limited size")
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], capture_output=True, text=True
        )
        if made.returncode:
            pytest.skip(f"no file system of limited size: {made.stderr.strip()}")
        yield disk
        subprocess.run(["umount", "-l", str(disk)], check=True)

    @staticmethod
    def fill(disk: Path, pages: int) -> None:
        """Leaves so many pages free."""
        ballast = disk / "ballast"
        ballast.unlink(missing_ok=True)
        free = os.statvfs(disk)
        size = (free.f_bavail * free.f_frsize // PAGE - pages) * PAGE
        ballast.write_bytes(bytes(size))

    def test_whatever_room_is_left_the_index_is_the_old_one_or_the_new(
        self, disk: Path, encoder: SlowEncoder
    ) -> None:
        index_dir = disk / "index"
        old = publish_edition(index_dir, encoder, 0)
        live = serve(index_dir, encoder)
        refusals = 0
        for pages in range(0, 100):
            self.fill(disk, pages)
            try:
                publish_edition(index_dir, encoder, 1)
                break
            except PublishError as error:
                refusals += 1
                assert str(error) == (
                    f"The index could not be written to {index_dir}: No space left on device. Free some space "
                    "on that disk, then run: python -m assistant build. The last good index still serves."
                )
                assert left_behind(index_dir) == []
                serves(index_dir, 0, live, encoder)
        assert refusals > 10
        serves(index_dir, 1, live, encoder)
        (disk / "ballast").unlink()
        assert rollback(index_dir) == old
        publish_edition(index_dir, encoder, 2)
        serves(index_dir, 2, live, encoder)
        assert left_behind(index_dir) == []

    def test_articles_are_all_there_or_as_before(self, disk: Path) -> None:
        corpus_dir = disk / "corpus"
        [first] = add(corpus_dir, [Original("first.txt", "text", ARTICLE.encode())])
        sources = (corpus_dir / "sources.toml").read_bytes()
        long = Original("second.txt", "text", ARTICLE.replace("Little", "Second").encode() * 9)
        refusals = 0
        for pages in range(0, 20):
            self.fill(disk, pages)
            try:
                [outcome] = add(corpus_dir, [long])
                break
            except CorpusError as error:
                refusals += 1
                assert str(error) == (
                    f"The articles in {corpus_dir} could not be changed: No space left on device. Free some "
                    "space on that disk, then try again. Nothing was changed."
                )
                assert (corpus_dir / "sources.toml").read_bytes() == sources
                assert [path.name for path in (corpus_dir / "articles").iterdir()] == ["first.txt"]
        assert refusals > 3
        assert (first.status, outcome.status) == ("added", "added")


def publish_limited(index_dir: Path, encoder: SlowEncoder, room: int) -> str:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    return publish_edition(index_dir, encoder, 1)


@pytest.mark.parametrize("room", [0, 100, 3000])
def test_a_limit_on_the_size_of_files(tmp_path: Path, encoder: SlowEncoder, room: int) -> None:
    index_dir = tmp_path / "index"
    publish_edition(index_dir, encoder, 0)
    live = serve(index_dir, encoder)

    assert in_child(publish_limited, index_dir, encoder, room) == (
        f"PublishError: The index could not be written to {index_dir}: File too large. Raise the limit on the "
        "size of files (ulimit -f), then run: python -m assistant build. The last good index still serves."
    )
    serves(index_dir, 0, live, encoder)
    assert left_behind(index_dir) == []
    publish_edition(index_dir, encoder, 1)
    serves(index_dir, 1, live, encoder)


def meet_an_unreadable_folder(folder: Path, encoder: SlowEncoder) -> list[str]:
    index_dir = folder / "index"
    publish_edition(index_dir, encoder, 0)
    live = serve(index_dir, encoder)
    index_dir.chmod(0)
    said = []
    for act in (lambda: publish_edition(index_dir, encoder, 1), lambda: PassageIndex.open(index_dir)):
        try:
            act()
        except (PublishError, IndexDamagedError) as error:
            said.append(str(error).replace(str(folder), "…"))
    said.append(str(editions_by_id(encoder)[check_answer(live, editions_by_id(encoder))]))
    index_dir.chmod(0o755)
    publish_edition(index_dir, encoder, 1)
    serves(index_dir, 1, live, encoder)
    return [*said, *left_behind(index_dir)]


def meet_an_unreadable_file(folder: Path, encoder: SlowEncoder, name: str) -> list[object]:
    index_dir = folder / "index"
    old, new = publish_edition(index_dir, encoder, 0), publish_edition(index_dir, encoder, 1)
    (index_dir / new / name).chmod(0)
    try:
        PassageIndex.open(index_dir)
        said = "opened"
    except IndexDamagedError as error:
        said = str(error).replace(str(index_dir / new), "…")
    told: list[str] = []
    settings = Settings(index_dir=index_dir, corpus_dir=folder / "nothing")
    live = open_live(settings, None, told.append, encoder)
    health = live.health() == {"status": LAST_GOOD, "build_id": old}
    again = publish_edition(index_dir, encoder, 1)
    serves(index_dir, 1, live, encoder)
    return [said, health, again == new, left_behind(index_dir)]


def meet_a_folder_for_reading_only(folder: Path, encoder: SlowEncoder) -> list[object]:
    index_dir = folder / "index"
    publish_edition(index_dir, encoder, 0)
    index_dir.chmod(0o555)
    try:
        publish_edition(index_dir, encoder, 1)
        said = "built"
    except PublishError as error:
        said = str(error).replace(str(folder), "…")
    serves(index_dir, 0, serve(index_dir, encoder), encoder)
    return [said, build_index(edition(0), encoder, index_dir).built, left_behind(index_dir)]


class TestAnotherUser:
    """What a user meets who is not root, for whom permissions count."""

    @pytest.fixture
    def folder(self) -> Iterator[Path]:
        """A folder of that user's own; pytest's belong to whoever runs it."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if os.getuid() == 0:
                os.chown(folder, NOBODY, NOBODY)
            folder.chmod(0o755)
            yield folder

    def test_a_folder_that_may_not_even_be_read(self, folder: Path, encoder: SlowEncoder) -> None:
        assert in_child(meet_an_unreadable_folder, folder, encoder, user=NOBODY) == str(
            [
                "The index could not be written to …/index: Permission denied. Let this user write there, then "
                "run: python -m assistant build. The last good index still serves.",
                "…/index cannot be read (Permission denied). Run: python -m assistant build",
                "0",
            ]
        )

    @pytest.mark.parametrize("name", ["manifest.json", "vectors.npy", "passages.jsonl"])
    def test_a_file_that_may_not_be_read(self, folder: Path, encoder: SlowEncoder, name: str) -> None:
        problem = f"…/{name} cannot be read (Permission denied). Run: python -m assistant build"
        assert in_child(meet_an_unreadable_file, folder, encoder, name, user=NOBODY) == str(
            [problem, True, True, []]
        )

    def test_a_folder_that_may_only_be_read_serves(self, folder: Path, encoder: SlowEncoder) -> None:
        said = (
            "The index could not be written to …/index: Permission denied. Let this user write there, then run: "
            "python -m assistant build. The last good index still serves."
        )
        assert in_child(meet_a_folder_for_reading_only, folder, encoder, user=NOBODY) == str(
            [said, False, []]
        )


BUILD_AT_ANOTHER_TIME = """
import os, sys, time
from pathlib import Path
from assistant.building import build_index
from tools.endurance.editions import SlowEncoder, edition

class Jumping(SlowEncoder):
    def encode_passages(self, passages, progress=None):
        # The clock jumps in the middle of the build too.
        Path(os.environ["FAKETIME_TIMESTAMP_FILE"]).write_text("@" + sys.argv[4])
        return super().encode_passages(passages, progress)

began = time.localtime().tm_year
build_index(edition(int(sys.argv[2])), Jumping(0), Path(sys.argv[1]), force=True)
print(began, time.localtime().tm_year)
"""


@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime, which shows a process another time of day")
def test_a_clock_that_jumps_back_and_forth(tmp_path: Path, encoder: SlowEncoder) -> None:
    index_dir, clock = tmp_path / "index", tmp_path / "clock"
    publish_edition(index_dir, encoder, 0)
    live = serve(index_dir, encoder)
    years = ["2035", "1999", "2026", "1985", "2037"]
    for number, (began, ended) in enumerate(zip(years, [*years[1:], "2001"], strict=True), start=1):
        clock.write_text(f"@{began}-06-01 00:00:00")
        environment = {
            **os.environ,
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
        }
        arguments = [str(index_dir), str(number), began, f"{ended}-06-01 00:00:00"]
        said = subprocess.run(
            [sys.executable, "-c", BUILD_AT_ANOTHER_TIME, *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        assert said.split() == [began, ended]
        assert live.look()
        serves(index_dir, number, live, encoder)
    kept = [known.build_id for known in list_generations(index_dir)]
    assert kept == [build_id_of(edition(number), encoder) for number in (5, 4, 3)]
    assert len(kept) == KEPT
    for path in index_dir.rglob("*"):
        os.utime(path, (0, 0))
    assert rollback(index_dir) == kept[1]
    assert live.look()
    assert open_current(index_dir)[1].build_id == kept[1]
    publish_edition(index_dir, encoder, 6)
    serves(index_dir, 6, live, encoder)
