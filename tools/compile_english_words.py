"""Compiles assistant/data/english_words.txt.gz from the frequency dictionary in the package symspellpy.

    pip install symspellpy==6.10.1
    python tools/compile_english_words.py

One word per line, the commonest first; the counts themselves are not kept. The dictionary is British, so the
American spelling of a word follows it where a rule gives one. The output is the same for the same input.
"""

import gzip
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "assistant" / "data" / "english_words.txt.gz"
DICTIONARY = "frequency_dictionary_en_82_765.txt"

AMERICAN = [
    (re.compile(british), american)
    for british, american in (
        (r"(\w{3})is(ed?|es|ers?|ing|ations?|able)$", r"\1iz\2"),
        (r"ys(ed?|es|ers?|ing)$", r"yz\1"),
        (r"(col|fav|hon|lab|hum|tum|rum|flav|vap|sav|vig|rig|neighb|behavi|endeav|harb)our", r"\1or"),
        (r"(\w)(?:ae|oe)(\w{3})", r"\1e\2"),
        (r"^(?:oe|ae)(\w{4})", r"e\1"),
        (r"(\w{2}[aeiou])ll(ed|ing|ers?)$", r"\1l\2"),
        (r"(cen|fib|li|me|thea)tre(s?)$", r"\1ter\2"),
        (r"(defen|offen|licen|preten)ce(s?)$", r"\1se\2"),
        (r"(cata|dia|ana|pro)logue(s?)$", r"\1log\2"),
        (r"^practis", "practic"),
        (r"sulph", "sulf"),
    )
]


def main() -> None:
    """Writes the file and says how many words it holds."""
    entries = files("symspellpy").joinpath(DICTIONARY).read_text(encoding="utf-8-sig").splitlines()
    counts = {word: int(count) for word, count in map(str.split, entries)}
    words = list(dict.fromkeys(with_american(sorted(counts, key=lambda word: (-counts[word], word)))))
    OUTPUT.write_bytes(gzip.compress(("\n".join(words) + "\n").encode(), 9, mtime=0))
    sys.stdout.write(f"{OUTPUT}: {len(words):,} words\n")


def with_american(words: Iterable[str]) -> Iterator[str]:
    """Each word, then its American spellings."""
    for word in words:
        yield word
        for british, american in AMERICAN:
            spelled = british.sub(american, word)
            if spelled != word:
                yield spelled


if __name__ == "__main__":
    main()
