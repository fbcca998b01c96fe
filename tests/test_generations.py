"""Laws and attacks on the folder of generations, on the real file system and with real processes."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from assistant.errors import (
    BuildBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexStaleError,
    PublishError,
)
from assistant.storage.clearing import KEPT
from assistant.storage.generations import publish, rollback
from assistant.storage.locking import lock
from assistant.storage.manifest import FORMAT, MANIFEST_FILE, Counts, EncoderRecord, FileRecord, Manifest
from assistant.storage.opening import CURRENT, list_generations, open_current, open_last_good

ROOT = Path(__file__).resolve().parent.parent
IDS = [f"{digit}" * 16 for digit in "abcdef"]
FILES = ["passages.jsonl", "vectors.npy", "lexical/terms.json", MANIFEST_FILE]


def payload(build_id: str) -> dict[str, bytes]:
    """Files of the same sizes in every generation, so that only their bytes tell them apart."""
    return {
        "passages.jsonl": f"passages of {build_id}\n".encode(),
        "vectors.npy": build_id.encode() * 200,
        "lexical/terms.json": f'"{build_id}"'.encode(),
    }


def write_payload(folder: Path, build_id: str) -> None:
    for name, content in payload(build_id).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def manifest_of(build_id: str, files: Mapping[str, FileRecord], sequence: int) -> Manifest:
    encoder = EncoderRecord("words", "revision-1", 4, "float32")
    return Manifest(build_id, sequence, "ab" * 32, "paragraphs-1", encoder, Counts(1, 2, 3), files)


def publish_one(index_dir: Path, build_id: str) -> Path:
    return publish(
        index_dir,
        build_id,
        lambda folder: write_payload(folder, build_id),
        lambda files, sequence: manifest_of(build_id, files, sequence),
    )


def publish_all(index_dir: Path, *build_ids: str) -> Path:
    for build_id in build_ids:
        publish_one(index_dir, build_id)
    return index_dir


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST_FILE]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def damaged_ids(index_dir: Path) -> set[str]:
    return {known.build_id for known in list_generations(index_dir) if known.problem}


def names(index_dir: Path) -> list[str]:
    return sorted(path.name for path in index_dir.iterdir())


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


class TestPublishing:
    def test_what_is_published_is_current(self, index_dir: Path) -> None:
        folder = publish_one(index_dir, IDS[0])
        opened, manifest = open_current(index_dir)
        assert opened == folder == index_dir / IDS[0]
        assert (manifest.build_id, manifest.sequence) == (IDS[0], 1)
        assert contents(opened) == payload(IDS[0])
        assert (index_dir / CURRENT).read_text() == IDS[0] + "\n"

    STEPS = """
fsync = os.fsync

def saying_fsync(descriptor):
    fsync(descriptor)
    print("sync", Path(f"/proc/self/fd/{descriptor}").readlink().name)

def say_rename(event, arguments):
    if event == "os.rename":
        print("name", Path(arguments[1]).name)

os.fsync = saying_fsync
sys.addaudithook(say_rename)
publish_one(Path(sys.argv[2]), sys.argv[3])
"""

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="tells files by /proc")
    def test_everything_is_on_the_disk_before_it_gets_its_name(self, index_dir: Path) -> None:
        publish_one(index_dir, IDS[0])
        steps = run(self.STEPS, index_dir, IDS[1]).splitlines()
        assert sorted(steps[:4]) == [
            "sync lexical",
            "sync passages.jsonl",
            "sync terms.json",
            "sync vectors.npy",
        ]
        assert steps[4:] == [
            f"sync .tmp-{IDS[1]}",
            "sync manifest.json",
            f"sync .tmp-{IDS[1]}",
            f"name {IDS[1]}",
            "sync index",
            "sync .tmp-CURRENT",
            "name CURRENT",
            "sync index",
        ]

    def test_who_has_opened_the_old_current_reads_the_old_id(self, index_dir: Path) -> None:
        publish_one(index_dir, IDS[0])
        with (index_dir / CURRENT).open() as old:
            publish_one(index_dir, IDS[1])
            assert old.read() == IDS[0] + "\n"

    def test_nothing_else_is_left_behind(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        assert names(index_dir) == [".lock", CURRENT, IDS[0], IDS[1]]

    def test_others_may_read_what_is_published(self, index_dir: Path) -> None:
        folder = publish_one(index_dir, IDS[0])
        (index_dir.parent / "ordinary").mkdir()
        assert folder.stat().st_mode == (index_dir.parent / "ordinary").stat().st_mode

    def test_files_of_others_in_the_folder_stay(self, index_dir: Path) -> None:
        index_dir.mkdir()
        (index_dir / "README.md").write_text("kept")
        (index_dir / "notes").mkdir()
        publish_all(index_dir, *IDS)
        assert {"README.md", "notes"} <= set(names(index_dir))

    def test_the_last_three_are_kept(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS)
        assert [known.build_id for known in list_generations(index_dir)] == [IDS[5], IDS[4], IDS[3]]
        assert [known.sequence for known in list_generations(index_dir)] == [6, 5, 4]
        assert KEPT == 3

    def test_a_damaged_generation_does_not_push_out_a_whole_one(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:3])
        for build_id in IDS[1:3]:
            (index_dir / build_id / "vectors.npy").unlink()
        publish_one(index_dir, IDS[3])
        assert {known.build_id for known in list_generations(index_dir)} == {IDS[0], IDS[2], IDS[3]}

    def test_the_clock_does_not_matter(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:3])
        for age, build_id in enumerate(IDS[:3]):
            for path in [index_dir / build_id, *(index_dir / build_id).rglob("*")]:
                os.utime(path, (2e9 - 1e6 * age, 2e9 - 1e6 * age))
        publish_one(index_dir, IDS[3])
        assert [known.build_id for known in list_generations(index_dir)] == [IDS[3], IDS[2], IDS[1]]

    def test_the_same_id_again_is_not_written_again(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        before = (index_dir / IDS[0] / "vectors.npy").stat().st_ino
        publish(index_dir, IDS[0], pytest.fail, pytest.fail)
        assert open_current(index_dir)[1].build_id == IDS[0]
        assert (index_dir / IDS[0] / "vectors.npy").stat().st_ino == before

    def test_the_same_id_again_becomes_the_newest(self, index_dir: Path) -> None:
        publish_all(index_dir, IDS[0], IDS[1], IDS[0])
        assert [(known.build_id, known.sequence) for known in list_generations(index_dir)] == [
            (IDS[0], 3),
            (IDS[1], 2),
        ]
        assert rollback(index_dir) == IDS[1]

    def test_publishing_the_newest_again_changes_nothing(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        before = (index_dir / IDS[1] / MANIFEST_FILE).read_bytes()
        publish_one(index_dir, IDS[1])
        assert (index_dir / IDS[1] / MANIFEST_FILE).read_bytes() == before

    @pytest.mark.parametrize("name", FILES)
    def test_a_damaged_generation_of_the_same_id_is_replaced(self, index_dir: Path, name: str) -> None:
        publish_all(index_dir, IDS[0])
        (index_dir / IDS[0] / name).write_bytes(b"x")
        publish_one(index_dir, IDS[0])
        assert contents(open_current(index_dir)[0]) == payload(IDS[0])
        assert names(index_dir) == [".lock", CURRENT, IDS[0]]

    @pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("/nowhere")])
    def test_anything_else_of_that_name_is_replaced(
        self, index_dir: Path, make: Callable[[Path], None]
    ) -> None:
        publish_all(index_dir, IDS[1])
        make(index_dir / IDS[0])
        publish_one(index_dir, IDS[0])
        assert contents(open_current(index_dir)[0]) == payload(IDS[0])

    def test_leftovers_are_swept(self, index_dir: Path, tmp_path: Path) -> None:
        publish_one(index_dir, IDS[0])
        precious = tmp_path / "precious"
        precious.mkdir()
        (precious / "file").touch()
        (index_dir / f".tmp-{IDS[3]}").mkdir()
        (index_dir / f".tmp-{IDS[3]}" / "vectors.npy").touch()
        (index_dir / ".trash-1").mkdir()
        (index_dir / ".tmp-CURRENT").touch()
        (index_dir / ".tmp-link").symlink_to(precious)
        publish_one(index_dir, IDS[1])
        assert names(index_dir) == [".lock", CURRENT, IDS[0], IDS[1]]
        assert (precious / "file").exists()

    @pytest.mark.parametrize("build_id", ["", "..", "ABCDEF0123456789", "abc", "../abcdef01", "abcdef01\n"])
    def test_other_names_are_refused(self, index_dir: Path, build_id: str) -> None:
        with pytest.raises(ValueError, match="build_id must be 8 to 64 lowercase hex digits"):
            publish_one(index_dir, build_id)

    def test_a_manifest_of_something_else_is_refused(self, index_dir: Path) -> None:
        with pytest.raises(ValueError, match=f"the manifest is not that of {IDS[0]}, sequence 1"):
            publish(
                index_dir,
                IDS[0],
                lambda folder: write_payload(folder, IDS[0]),
                lambda files, sequence: manifest_of(IDS[1], files, sequence),
            )
        assert names(index_dir) == [".lock"]

    @pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, MemoryError])
    def test_a_build_that_fails_leaves_the_old_index(
        self, index_dir: Path, error: type[BaseException]
    ) -> None:
        publish_one(index_dir, IDS[0])

        def fail(folder: Path) -> None:
            write_payload(folder, IDS[1])
            raise error

        with pytest.raises(error):
            publish(index_dir, IDS[1], fail, pytest.fail)
        assert open_current(index_dir)[1].build_id == IDS[0]
        assert names(index_dir) == [".lock", CURRENT, IDS[0]]

    def test_links_are_not_published(self, index_dir: Path) -> None:
        publish_one(index_dir, IDS[0])
        with pytest.raises(
            PublishError, match="vectors.npy is not a regular file.*last good one still serves"
        ):
            publish(
                index_dir,
                IDS[1],
                lambda folder: (folder / "vectors.npy").symlink_to("/etc/passwd"),
                pytest.fail,
            )
        assert names(index_dir) == [".lock", CURRENT, IDS[0]]

    def test_a_file_that_changes_after_it_was_hashed_is_not_published(self, index_dir: Path) -> None:
        publish_one(index_dir, IDS[0])

        def finish(files: Mapping[str, FileRecord], sequence: int) -> Manifest:
            (index_dir / f".tmp-{IDS[1]}" / "vectors.npy").write_bytes(b"")
            return manifest_of(IDS[1], files, sequence)

        with pytest.raises(PublishError, match="vectors.npy has 0 bytes instead of 3200"):
            publish(index_dir, IDS[1], lambda folder: write_payload(folder, IDS[1]), finish)
        assert open_current(index_dir)[1].build_id == IDS[0]
        assert names(index_dir) == [".lock", CURRENT, IDS[0]]


class TestOpening:
    @pytest.mark.parametrize("opener", [open_current, open_last_good, rollback])
    def test_no_index_yet(self, index_dir: Path, opener: Callable[[Path], object]) -> None:
        with pytest.raises(
            IndexMissingError, match=r"There is no index in .* yet\. Run: python -m assistant"
        ):
            opener(index_dir)

    @pytest.mark.parametrize(
        "content",
        [b"", b"\n", b"..\n", b"../" + b"a" * 16 + b"\n", b"/etc\n", b"A" * 16 + b"\n", b"a" * 16]
        + [b"a" * 16 + b"\r\n", b"a" * 16 + b"\n\n", b" " + b"a" * 16 + b"\n", b"\xff" * 16 + b"\n"]
        + [b"a" * 8 + b"\0" + b"a" * 7 + b"\n", b"a" * 10_000],
    )
    def test_current_must_name_a_generation(self, index_dir: Path, content: bytes) -> None:
        publish_one(index_dir, IDS[0])
        (index_dir / CURRENT).write_bytes(content)
        with pytest.raises(IndexDamagedError, match=r"CURRENT (does not name a generation|has more than)"):
            open_current(index_dir)
        assert open_last_good(index_dir)[1].build_id == IDS[0]

    def test_every_bit_of_current_counts(self, index_dir: Path) -> None:
        good = publish_all(index_dir, *IDS[:2]) / CURRENT
        content = good.read_bytes()
        for place in range(len(content)):
            for bit in range(8):
                flipped = bytes([content[place] ^ 1 << bit])
                good.write_bytes(content[:place] + flipped + content[place + 1 :])
                with pytest.raises(IndexDamagedError, match="Run: python -m assistant build"):
                    open_current(index_dir)
                assert open_last_good(index_dir)[1].build_id == IDS[1]

    def test_a_lost_current_is_damage_not_absence(self, index_dir: Path) -> None:
        publish_one(index_dir, IDS[0])
        (index_dir / CURRENT).unlink()
        with pytest.raises(IndexDamagedError, match="CURRENT is missing. Run: python -m assistant build"):
            open_current(index_dir)
        assert open_last_good(index_dir)[1].build_id == IDS[0]

    def test_current_may_be_no_link(self, index_dir: Path, tmp_path: Path) -> None:
        publish_one(index_dir, IDS[0])
        (index_dir / CURRENT).rename(tmp_path / "elsewhere")
        (index_dir / CURRENT).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(IndexDamagedError, match="CURRENT is not a regular file"):
            open_current(index_dir)

    def test_a_generation_may_be_no_link(self, index_dir: Path, tmp_path: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        (index_dir / IDS[1]).rename(tmp_path / "elsewhere")
        (index_dir / IDS[1]).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(IndexDamagedError, match=f"{IDS[1]} is a link, not a folder"):
            open_current(index_dir)
        assert open_last_good(index_dir)[1].build_id == IDS[0]

    def test_a_generation_under_another_name_is_refused(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        (index_dir / IDS[1]).rename(index_dir / IDS[2])
        (index_dir / CURRENT).write_text(IDS[2] + "\n")
        with pytest.raises(IndexDamagedError, match=f"manifest.json belongs to the generation {IDS[1]}"):
            open_current(index_dir)
        assert open_last_good(index_dir)[1].build_id == IDS[0]

    def test_another_format_is_stale(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        path = index_dir / IDS[1] / MANIFEST_FILE
        path.write_bytes(path.read_bytes().replace(b'"format": %d' % FORMAT, b'"format": 1'))
        with pytest.raises(IndexStaleError, match="built by another version"):
            open_current(index_dir)
        assert open_last_good(index_dir)[1].build_id == IDS[0]
        publish_one(index_dir, IDS[1])
        assert open_current(index_dir)[1].build_id == IDS[1]

    def test_nothing_whole_is_left(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        for build_id in IDS[:2]:
            (index_dir / build_id / "vectors.npy").write_bytes(b"")
        with pytest.raises(
            IndexDamagedError, match=r"No index in .* is whole\. Run: python -m assistant build"
        ):
            open_last_good(index_dir)

    def test_last_good_is_the_current_one_while_it_is_whole(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:3])
        rollback(index_dir)
        assert open_last_good(index_dir)[1].build_id == IDS[1]

    def test_last_good_prefers_what_came_before_a_damaged_current_one(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:3])
        rollback(index_dir)
        (index_dir / IDS[1] / "vectors.npy").unlink()
        assert open_last_good(index_dir)[1].build_id == IDS[0]
        (index_dir / IDS[0] / "vectors.npy").unlink()
        assert open_last_good(index_dir)[1].build_id == IDS[2]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def extend(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def link(path: Path) -> None:
    twin = path.parents[3] / "twin"
    path.rename(twin)
    path.symlink_to(twin)


def swap(path: Path) -> None:
    other = Path(str(path).replace(IDS[1], IDS[0]))
    content = other.read_bytes()
    assert len(content) == path.stat().st_size
    path.write_bytes(content)


def turn_into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "attack", [truncate, extend, flip_a_bit, zero, empty, Path.unlink, link, swap, turn_into_folder]
)
@pytest.mark.parametrize("name", FILES)
def test_no_altered_file_is_opened(index_dir: Path, name: str, attack: Callable[[Path], None]) -> None:
    publish_all(index_dir, *IDS[:2])
    attack(index_dir / IDS[1] / name)
    with pytest.raises(IndexDamagedError, match=f"{name} .*Run: python -m assistant build"):
        open_current(index_dir)
    folder, manifest = open_last_good(index_dir)
    assert manifest.build_id == IDS[0]
    assert contents(folder) == payload(IDS[0])
    assert damaged_ids(index_dir) == {IDS[1]}
    publish_one(index_dir, IDS[1])
    assert contents(open_current(index_dir)[0]) == payload(IDS[1])


class TestRollback:
    def test_one_step_at_a_time(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:3])
        assert [rollback(index_dir), rollback(index_dir)] == [IDS[1], IDS[0]]
        assert open_current(index_dir)[1].build_id == IDS[0]
        with pytest.raises(IndexMissingError, match=r"There is no earlier whole index in .* to go back to"):
            rollback(index_dir)
        assert open_current(index_dir)[1].build_id == IDS[0]

    def test_damaged_generations_are_passed_over(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:3])
        (index_dir / IDS[1] / "vectors.npy").unlink()
        assert rollback(index_dir) == IDS[0]

    def test_away_from_a_damaged_current_one(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        (index_dir / IDS[1] / MANIFEST_FILE).unlink()
        assert rollback(index_dir) == IDS[0]

    def test_from_a_lost_current_to_the_newest(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:2])
        (index_dir / CURRENT).unlink()
        assert rollback(index_dir) == IDS[1]

    def test_the_next_build_is_the_newest_again(self, index_dir: Path) -> None:
        publish_all(index_dir, *IDS[:3])
        rollback(index_dir)
        publish_one(index_dir, IDS[3])
        assert open_current(index_dir)[1].sequence == 4
        assert rollback(index_dir) == IDS[2]


CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.test_generations import *
"""


def child(script: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", CHILD + script, str(ROOT), *map(str, arguments)]


def run(script: str, *arguments: object) -> str:
    command = child(script, *arguments)
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


HOLD = """
def hold(folder):
    print("holding", flush=True)
    sys.stdin.read()
    write_payload(folder, sys.argv[3])
publish(Path(sys.argv[2]), sys.argv[3], hold, lambda files, n: manifest_of(sys.argv[3], files, n))
"""


class TestLock:
    def test_two_builds_at_once(self, index_dir: Path) -> None:
        publish_one(index_dir, IDS[0])
        command = child(HOLD, index_dir, IDS[1])
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout and holder.stdout.readline() == b"holding\n"
            words = f"Another build is running in .*: process {holder.pid} on {os.uname().nodename} since 20"
            with pytest.raises(BuildBusyError, match=words + ".* Wait until it ends, then run: python -m"):
                publish_one(index_dir, IDS[2])
            with pytest.raises(BuildBusyError, match=words):
                rollback(index_dir)
            assert open_current(index_dir)[1].build_id == IDS[0]
        assert holder.returncode == 0
        assert open_current(index_dir)[1].build_id == IDS[1]

    def test_a_killed_build_does_not_hold_the_lock(self, index_dir: Path) -> None:
        publish_one(index_dir, IDS[0])
        command = child(HOLD, index_dir, IDS[1])
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout and holder.stdout.readline() == b"holding\n"
            holder.kill()
        assert {f".tmp-{IDS[1]}", ".lock-holder"} <= set(names(index_dir))
        publish_one(index_dir, IDS[2])
        assert names(index_dir) == [".lock", CURRENT, IDS[0], IDS[2]]

    @pytest.mark.parametrize(
        "content",
        [None, b"", b"{", b"[]", b'{"pid": "x", "host": "h", "since": "s"}', b"x" * 5000],
    )
    def test_an_unreadable_signature_does_not_confuse(self, index_dir: Path, content: bytes | None) -> None:
        with lock(index_dir):
            self.sign(index_dir, content)
            assert "it has not said which process it is" in self.refusal_in_another_thread(index_dir)

    def test_the_signature_of_a_dead_process_does_not_confuse(self, index_dir: Path) -> None:
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        content = f'{{"pid": {dead.pid}, "host": "{os.uname().nodename}", "since": "long ago"}}'.encode()
        with lock(index_dir):
            self.sign(index_dir, content)
            assert "it has not said which process it is" in self.refusal_in_another_thread(index_dir)

    def test_the_signature_of_another_machine_is_believed(self, index_dir: Path) -> None:
        with lock(index_dir):
            self.sign(index_dir, b'{"pid": 7, "host": "elsewhere.example", "since": "noon"}')
            refusal = self.refusal_in_another_thread(index_dir)
        assert "process 7 on elsewhere.example since noon" in refusal

    def test_the_thread_that_holds_it_may_publish(self, index_dir: Path) -> None:
        with lock(index_dir):
            publish_all(index_dir, *IDS[:2])
            assert f"process {os.getpid()} " in self.refusal_in_another_thread(index_dir)
        assert names(index_dir) == [".lock", CURRENT, IDS[0], IDS[1]]
        assert self.refusal_in_another_thread(index_dir) == ""

    def sign(self, index_dir: Path, content: bytes | None) -> None:
        (index_dir / ".lock-holder").unlink()
        if content is not None:
            (index_dir / ".lock-holder").write_bytes(content)

    def refusal_in_another_thread(self, index_dir: Path) -> str:
        refusals = [""]

        def attempt() -> None:
            try:
                with lock(index_dir):
                    pass
            except BuildBusyError as error:
                refusals.append(str(error))

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
        return refusals[-1]


class TestRefusingDisk:
    LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
try:
    publish_one(Path(sys.argv[2]), sys.argv[3])
except PublishError as error:
    print(error)
"""

    @pytest.mark.parametrize("room", [0, 5, 60, 300, 3199])
    def test_a_file_that_does_not_fit(self, index_dir: Path, room: int) -> None:
        publish_one(index_dir, IDS[0])
        words = run(self.LIMITED, index_dir, IDS[1], room)
        assert words == (
            f"The index could not be written to {index_dir}: File too large. Raise the limit on the size of "
            "files (ulimit -f), then run: python -m assistant build. The last good index still serves.\n"
        )
        assert contents(open_current(index_dir)[0]) == payload(IDS[0])
        assert names(index_dir) == [".lock", CURRENT, IDS[0]]

    def test_just_enough_room(self, index_dir: Path) -> None:
        publish_one(index_dir, IDS[0])
        assert run(self.LIMITED, index_dir, IDS[1], 3200) == ""
        assert open_current(index_dir)[1].build_id == IDS[1]

    UNPRIVILEGED = """
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for attempt in (lambda: publish_one(Path(sys.argv[2]), IDS[1]), lambda: rollback(Path(sys.argv[2]))):
    try:
        attempt()
    except PublishError as error:
        print(error)
print(open_current(Path(sys.argv[2]))[1].build_id)
"""

    def test_a_folder_that_may_not_be_written(self) -> None:
        with tempfile.TemporaryDirectory() as open_to_all:
            Path(open_to_all).chmod(0o755)
            index_dir = publish_all(Path(open_to_all, "index"), IDS[0])
            index_dir.chmod(0o555)
            (index_dir / ".lock").chmod(0o444)
            said = run(self.UNPRIVILEGED, index_dir).splitlines()
            index_dir.chmod(0o755)
            assert said == [
                f"The index could not be written to {index_dir}: Permission denied. Let this user write "
                "there, then run: python -m assistant build. The last good index still serves."
            ] * 2 + [IDS[0]]
            assert names(index_dir) == [".lock", CURRENT, IDS[0]]

    def test_a_file_where_the_folder_should_be(self, index_dir: Path) -> None:
        index_dir.touch()
        with pytest.raises(
            PublishError, match=r"could not be written to .*: File exists\. Correct that, then run"
        ):
            publish_one(index_dir, IDS[0])
        with pytest.raises(IndexMissingError, match="There is no index"):
            open_current(index_dir / "below")


KILL_AT_EVERY_STEP = """
import shutil, signal

def changes_the_disk(event, arguments):
    if event == "open":
        return bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return event in {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}

def kill_at(step):
    def count(event, arguments):
        nonlocal step
        if changes_the_disk(event, arguments):
            step -= 1
            if step == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)

start, build_id, step = Path(sys.argv[2]), sys.argv[3], 0
killed = True
while killed:
    step += 1
    copy = start.with_name(f"step-{step:03}")
    shutil.copytree(start, copy)
    process = os.fork()
    if not process:
        kill_at(step)
        publish_one(copy, build_id)
        os._exit(0)
    killed = os.WIFSIGNALED(os.waitpid(process, 0)[1])
"""


def roll_back_twice(index_dir: Path) -> None:
    assert [rollback(index_dir), rollback(index_dir)] == [IDS[1], IDS[0]]


def damage_current(index_dir: Path) -> None:
    (index_dir / IDS[2] / "vectors.npy").write_bytes(b"")


@pytest.mark.parametrize(
    ("published", "prepare", "wanted", "before", "opener"),
    [
        ([], Path.mkdir, IDS[0], None, open_last_good),
        (IDS[:1], list_generations, IDS[1], IDS[0], open_current),
        (IDS[:3], list_generations, IDS[3], IDS[2], open_current),
        (IDS[:3], list_generations, IDS[0], IDS[2], open_current),
        (IDS[:3], roll_back_twice, IDS[3], IDS[0], open_current),
        (IDS[:3], damage_current, IDS[2], IDS[1], open_last_good),
    ],
    ids=["first", "second", "collecting", "again", "after-rollback", "replacing-damage"],
)
def test_a_kill_at_any_step_leaves_the_old_index_or_the_new_one(
    tmp_path: Path,
    published: list[str],
    prepare: Callable[[Path], object],
    wanted: str,
    before: str | None,
    opener: Callable[[Path], tuple[Path, Manifest]],
) -> None:
    start = publish_all(tmp_path / "start", *published)
    prepare(start)
    run(KILL_AT_EVERY_STEP, start, wanted)
    outcomes = []
    for copy in sorted(tmp_path.glob("step-*")):
        outcomes.append(opened_id(copy, opener))
        assert damaged_ids(copy) <= damaged_ids(start)
        publish_one(copy, wanted)
        assert contents(open_current(copy)[0]) == payload(wanted)
        assert not [name for name in names(copy) if name.startswith((".tmp-", ".trash-"))]
    assert len(outcomes) > 12
    changed = outcomes.index(wanted)
    assert outcomes == [before] * changed + [wanted] * (len(outcomes) - changed)


def opened_id(index_dir: Path, opener: Callable[[Path], tuple[Path, Manifest]]) -> str | None:
    """The id of the index that would serve, after checking that its files are all its own."""
    try:
        folder, manifest = opener(index_dir)
    except IndexMissingError:
        return None
    assert contents(folder) == payload(manifest.build_id)
    return manifest.build_id
