"""What all commands share: exit codes, standard output or a file, the line that shows progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import click

EXIT_NO, EXIT_USAGE, EXIT_INTERNAL, EXIT_INTERRUPTED = 1, 2, 70, 130
STANDARD_STREAM = "-"
PROGRESS_CHARACTERS = 110


def print_result(result: object, *, to_stderr: bool = False) -> None:
    """Print a text as it is, anything else as JSON."""
    from optimizer.files.json_text import indented_json

    click.echo(result if isinstance(result, str) else indented_json(result), err=to_stderr)


def check_output(output: str, inputs: Sequence[str | None], kind: str, mark: bytes) -> None:
    """Refuse a file that must not be written over, see `check_target`; "-" is fine. Raises OutputErrors."""
    if output != STANDARD_STREAM:
        from optimizer.files.read_write import check_target

        files = [name for name in inputs if name is not None and name != STANDARD_STREAM]
        check_target(output, files, kind, mark)


def write_output(output: str, data: bytes) -> None:
    """Write to the file (packed where its name ends in .gz), or to standard output for "-". Raises OutputErrors."""
    if output == STANDARD_STREAM:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        from optimizer.files.read_write import write_whole

        write_whole(output, data)


def progress_line() -> Callable[[str], None]:
    """What shows how far the work is: one line on stderr, rewritten in place; nothing unless stderr is a terminal."""
    if not sys.stderr.isatty():
        return lambda text: None
    return lambda text: click.echo(f"\r\033[K{text[:PROGRESS_CHARACTERS]}", nl=False, err=True)
