"""The set as a folder: a file each night, README.md, and metadata.yaml, which is written last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from models.errors import Problem
from optimizer.bench.energy_benchmark import metadata_text, readme_text
from optimizer.bench.energy_benchmark.problem import EnergyProblem, SentBy, energy_problem
from optimizer.bench.ledger.ledger_file import known_values
from optimizer.bench.library.library import read_library
from optimizer.files.errors import ABSENT, OutputErrors
from optimizer.files.plain_text import some_of
from optimizer.files.read_write import check_target, write_whole
from optimizer.programmes.formulations import formulation_of
from optimizer.programmes.mps_lp_text import MARKS

EIGHT = (
    "two-types-s-1",  # two kinds of packs compete for cheap hours
    "ordinary-s-1",  # symmetry of packs and bays alone
    "peaky-demand-s-1",  # a demand charge ties all slots together
    "negative-prices-s-1",  # hours in which charging is paid for
    "flat-price-m-1",  # symmetry, and lost drivers
    "three-blocks-m-1",  # all or none
    "on-off-at-once-m-1",  # unit commitment
    "few-chargers-on-off-m-1",  # unit commitment with limits of starts and stops
)
"""Nights of known optimum, each hard for a reason of its own, all under CC BY 4.0. HiGHS solves the first four, each in
a minute."""

METADATA, README = "metadata.yaml", "README.md"


def energy_problems(
    library_folder: Path,
    names: Sequence[str],
    formulation: str,
    by: SentBy,
    on_progress: Callable[[str], None] = lambda text: None,
) -> list[EnergyProblem]:
    """The problems of these instances, each once. Raises InputErrors where a name, formulation or ledger is wrong."""
    library, of, known = read_library(library_folder), formulation_of(formulation), known_values(library_folder)
    wanted = [library.entry(name).name for name in dict.fromkeys(names)]
    made = []
    for number, name in enumerate(wanted, start=1):
        on_progress(f"{name}, {number:,} of {len(wanted):,}")
        made.append(energy_problem(library, name, of, known, by))
    return made


def write_set(folder: Path, problems: Sequence[EnergyProblem], formulation: str) -> None:
    """Write the set into `folder`, in place of an older one. Raises OutputErrors where it holds other files."""
    texts = {f"{one.file}": one.mps for one in problems}
    texts[README] = readme_text.readme_text(problems, formulation)
    check_folder(folder, texts)
    (folder / METADATA).unlink(missing_ok=True)  # a folder without it holds no whole set
    for name, text in (texts | {METADATA: metadata_text.metadata_text(problems)}).items():
        write_whole(folder / name, text)


def check_folder(folder: Path, texts: Mapping[str, bytes] | None = None) -> None:
    """Raises OutputErrors where the folder cannot take the set: it is none, or holds files of another kind or set."""
    if folder.exists() and not folder.is_dir():
        raise OutputErrors(str(folder), [Problem("", ABSENT, "is a file, not a folder", "name a new folder")])
    others = sorted(path.name for path in folder.glob("*") if _mark(path.name) is None) if folder.is_dir() else []
    if texts is not None and folder.is_dir():
        others += sorted(path.name for path in folder.glob("*.mps.gz") if path.name not in texts)
    if others:
        rule = f"holds other files: {some_of(others)}"
        raise OutputErrors(str(folder), [Problem("", ABSENT, rule, "name a new folder, or remove them first")])
    for name in (*(texts or ()), METADATA, README):
        check_target(folder / name, [], "file of such a set", _mark(name) or b"")


def _mark(name: str) -> bytes | None:
    """What a file of the set begins with; None where the name is none of the set's."""
    if name.endswith(".mps.gz"):
        return MARKS["mps"]
    return {METADATA: metadata_text.MARK.encode(), README: readme_text.MARK.encode()}.get(name)
