"""The option that names the library: without it, the one below the current folder, else the program's own."""

from __future__ import annotations

from pathlib import Path

import click

WHERE = "instances/bench below the current folder, else the one that came with the program"


def _read(context: click.Context, option: click.Parameter, asked: str | None) -> Path:
    from optimizer.bench.library.place import library_folder

    return library_folder(asked)


def _written(context: click.Context, option: click.Parameter, asked: str | None) -> Path:
    from optimizer.bench.library.place import writable_folder

    return writable_folder(asked)


library_option = click.option(
    "--library", "folder", metavar="FOLDER", callback=_read, help=f"Folder of the library.  [default: {WHERE}]"
)
ledger_option = click.option(
    "--library", "--ledger", "folder", metavar="FOLDER", callback=_read,
    help=f"Folder with library.json and ledger.json.  [default: {WHERE}]",
)  # fmt: skip
written_ledger_option = click.option(
    "--library", "--ledger", "folder", metavar="FOLDER", callback=_written,
    help="Folder with library.json and ledger.json.  [default: instances/bench]",
)  # fmt: skip
