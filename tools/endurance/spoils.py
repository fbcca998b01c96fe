"""Spoils every file of an index in many ways; none may be served."""

import random
from collections import Counter
from pathlib import Path

from assistant.building import build_index
from assistant.errors import IndexDamagedError, IndexStaleError
from assistant.index import PassageIndex
from assistant.serving import LAST_GOOD, open_live
from assistant.settings import Settings
from assistant.storage.opening import open_current
from tools.endurance.editions import SlowEncoder, check_answer, edition, editions_by_id


def spoil_files(index_dir: Path, each: int, seed: int = 0) -> dict[str, object]:
    """Spoils every file of the current generation that often; each must be noticed, and the one before serve."""
    chance, encoder = random.Random(seed), SlowEncoder(0)
    build_index(edition(0), encoder, index_dir)
    build_index(edition(1), encoder, index_dir, force=True)
    current = open_current(index_dir)[0]
    [old] = [path for path in index_dir.iterdir() if path.is_dir() and path != current]
    tally: Counter[str] = Counter()
    for path in sorted(current.iterdir()):
        content = path.read_bytes()
        for number in range(each):
            kind = list(_SPOILS)[number % len(_SPOILS)]
            spoilt = _SPOILS[kind](content, (old / path.name).read_bytes(), chance)
            if spoilt == content:
                tally["no change possible"] += 1
                continue
            path.write_bytes(spoilt)
            tally[f"{kind}: {_noticed(index_dir, old.name, encoder)}"] += 1
            path.write_bytes(content)
        PassageIndex.open(index_dir)
    return {"files": len(list(current.iterdir())), "of each": each, "outcomes": dict(sorted(tally.items()))}


def _noticed(index_dir: Path, good: str, encoder: SlowEncoder) -> str:
    try:
        PassageIndex.open(index_dir)
    except (IndexDamagedError, IndexStaleError):
        # Without articles nothing can be built in its place.
        settings = Settings(index_dir=index_dir, corpus_dir=index_dir / "no articles")
        live = open_live(settings, None, lambda _: None, encoder)
        healthy = live.health() == {"status": LAST_GOOD, "build_id": good}
        right = healthy and check_answer(live, editions_by_id(encoder)) == good
        return "noticed, the index before serves" if right else "noticed, nothing serves"
    return "SERVED"


def _truncate(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))] if content else content


def _flip(content: bytes, other: bytes, chance: random.Random) -> bytes:
    if not content:
        return content
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]


def _swap(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return other


def _extend(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randint(1, 64))


def _zero(content: bytes, other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content)) if content else 0
    end = min(len(content), start + chance.randint(1, 256))
    return content[:start] + bytes(end - start) + content[end:]


_SPOILS = {"truncate": _truncate, "bit flip": _flip, "swap": _swap, "extra bytes": _extend, "zero": _zero}
