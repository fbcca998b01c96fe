"""The English stop words that come with bm25s."""

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path


def stop_words() -> frozenset[str]:
    """Some 180 words that say nothing of a subject, in lower case."""
    # The package brings SciPy along, which takes longer to import than all else here; its file of words does not.
    package = find_spec("bm25s")
    assert package and package.origin, "bm25s is among the requirements"
    file = spec_from_file_location("bm25s_stopwords", Path(package.origin).with_name("stopwords.py"))
    assert file and file.loader
    words = module_from_spec(file)
    file.loader.exec_module(words)
    return frozenset(words.STOPWORDS_EN_PLUS)
