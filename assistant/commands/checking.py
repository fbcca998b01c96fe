"""`check`: the proof that what is indexed is what the articles say."""

import click

from assistant.settings import read_settings


class _Different(click.ClickException):
    exit_code = 1


@click.command("check")
def check_command() -> None:
    """Prove that every indexed passage is still the exact slice of its article's file.

    Exit status 1, and what differs, if one is not, or if the copy of the index on a server is not seen to be whole.
    """
    from assistant.checking import astray, differences
    from assistant.index import PassageIndex
    from assistant.storage.opening import verify_current
    from assistant.stores import copies_for

    settings = read_settings()
    verify_current(settings.index_dir)
    index = PassageIndex.open(settings.index_dir, settings.searched_by)
    found = [
        *differences(index, settings.corpus_dir),
        *astray(copies_for(settings.searched_by), settings.index_dir / index.build_id),
    ]
    if found:
        raise _Different("\n".join(found))
    click.echo(f"All {len(index.passages)} passages of {len(index.documents)} article(s) are exact.")
