"""The ledger of best-known values: reading and writing its file, naming its plan files.

`ledger.json` stands beside `library.json`, the plans in `plans/` and multipliers that prove bounds in `proofs/`, under
names that hold a hash of their content. Such a file is never written over: the old ledger stays right until the new one
takes its place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import UNSET

from models.errors import InvalidData, Problem, refuse
from models.station.cost import gap_between
from optimizer.bench.ledger.ledger_document import FORMAT, LedgerDocument, LedgerEntry, Proof
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode, indented_document
from optimizer.files.read_write import read_bytes

LEDGER, PLANS, SUFFIX = "ledger.json", "plans", ".plan.json.gz"
SLUG_CHARACTERS, HASH_DIGITS = 60, 16
PLAN_NAME = re.compile(rf"{PLANS}/[A-Za-z0-9_-]+{re.escape(SUFFIX)}")
PROOFS, PROOF_SUFFIX = "proofs", ".dual.gz"
PROOF_NAME = re.compile(rf"{PROOFS}/[A-Za-z0-9_-]+{re.escape(PROOF_SUFFIX)}")
OWN_STEM = re.compile(rf"[A-Za-z0-9_-]+-[0-9a-f]{{{HASH_DIGITS}}}")
EMPTY = LedgerDocument(format=FORMAT, version=1, entries=())


def known_values(library_folder: Path) -> Mapping[str, LedgerEntry]:
    """The entries of the ledger beside a library, by instance hash; none where there is no ledger.

    Raises InputErrors where the ledger cannot be read. The values are those recorded: `verify` proves them.
    """
    if not (library_folder / LEDGER).is_file():
        return {}
    return {entry.hash: entry for entry in read_ledger(library_folder).entries}


def ledger_or_empty(folder: Path) -> LedgerDocument:
    """The ledger in `folder`, one without entries where there is none. Raises InputErrors as `read_ledger` does."""
    return read_ledger(folder) if (folder / LEDGER).is_file() else EMPTY


def read_ledger(folder: Path) -> LedgerDocument:
    """The ledger in `folder`. Raises InputErrors with every problem of its file."""
    path = folder / LEDGER
    try:
        document = decode(read_bytes(path), LedgerDocument)
        refuse(_problems(document))
    except InvalidData as error:
        raise InputErrors(str(path), error.problems) from None
    return document


def _problems(document: LedgerDocument) -> Iterator[Problem]:
    for field in ("name", "hash"):
        seen = set[str]()
        for index, entry in enumerate(document.entries):
            value = getattr(entry, field)
            if value in seen:
                rule = f"is the {field} of an earlier entry too"
                yield Problem(f"entries[{index}].{field}", value, rule, "keep one entry for each instance")
            seen.add(value)
    for index, entry in enumerate(document.entries):
        if not PLAN_NAME.fullmatch(entry.plan.file):
            rule, remedy = f"must be the name of a file in {PLANS}/", f"write it like {PLANS}/name{SUFFIX}"
            yield Problem(f"entries[{index}].plan.file", entry.plan.file, rule, remedy)
        proof = None if entry.bound is None or entry.bound.proof is UNSET else entry.bound.proof
        if proof is not None and not PROOF_NAME.fullmatch(proof):
            rule, remedy = f"must be the name of a file in {PROOFS}/", f"write it like {PROOFS}/name{PROOF_SUFFIX}"
            yield Problem(f"entries[{index}].bound.proof", proof, rule, remedy)


def ledger_text(entries: Iterable[LedgerEntry]) -> bytes:
    """The ledger of these entries as JSON text: the same entries give the same bytes."""
    document = LedgerDocument(format=FORMAT, version=1, entries=tuple(entries))
    return indented_document(document, sort_keys=True)


def plan_file_name(instance: str, content: bytes) -> str:
    """Where a plan of an instance is kept, seen from the ledger's folder: safe whatever the instance is called."""
    return f"{PLANS}/{_stem(instance, content)}{SUFFIX}"


def proof_file_name(instance: str, content: bytes) -> str:
    """The same of multipliers that prove a bound."""
    return f"{PROOFS}/{_stem(instance, content)}{PROOF_SUFFIX}"


def _stem(instance: str, content: bytes) -> str:
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", instance)[:SLUG_CHARACTERS].strip("-") or "instance"
    return f"{slug}-{hashlib.sha256(instance.encode() + content).hexdigest()[:HASH_DIGITS]}"


def left_over(folder: Path, entries: Iterable[LedgerEntry]) -> list[str]:
    """Files in the ledger's folder that are named as it names plans and proofs and that no entry names: what a command
    that was killed left, or what was replaced. Files with other names are somebody else's."""
    named = {name for entry in entries for name in files_of(entry)}
    kinds = ((PLANS, SUFFIX), (PROOFS, PROOF_SUFFIX))
    found = (f"{kind}/{path.name}" for kind, suffix in kinds for path in sorted((folder / kind).glob(f"*{suffix}")))
    return [name for name in found if name not in named and _is_own(name)]


def _is_own(name: str) -> bool:
    return OWN_STEM.fullmatch(Path(name).name.removesuffix(SUFFIX).removesuffix(PROOF_SUFFIX)) is not None


def files_of(entry: LedgerEntry) -> tuple[str, ...]:
    """The files that an entry names: its plan, and the proof of its bound if there is one."""
    proof = UNSET if entry.bound is None else entry.bound.proof
    return (entry.plan.file,) if proof is UNSET else (entry.plan.file, proof)


def proof_of(objective: float, bound: float | None, gross_cost: float) -> tuple[Proof, float | None]:
    """Status and gap of a plan and a bound: optimal where the two agree as `gap_between` has it."""
    gap = None if bound is None else gap_between(objective, bound, gross_cost)
    return ("optimal" if gap == 0 else "gap"), gap
