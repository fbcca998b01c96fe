"""`export`: the encoder's fast copy, made ahead of the first build or for a machine that only serves."""

import click

from assistant.settings import read_settings


@click.command("export")
@click.option("--with-index", is_flag=True, help="Put it into the index folder, which then serves by itself.")
def export_command(with_index: bool) -> None:
    """Export the encoder for fast answers, and prove that the copy's vectors are its own.

    A build does this too. Whoever has the index folder with the copy in it needs no torch to serve it.
    """
    from assistant.encoder import WITH_INDEX, export, find_model

    settings = read_settings()
    model = find_model(settings.encoder)
    folder = export(model, settings.index_dir / WITH_INDEX if with_index else settings.encoder_cache)
    click.echo(f"The encoder {model.identity.name} is exported to {folder}, its vectors proven equal.")
