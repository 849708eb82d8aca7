"""The comments with which exported files begin: what the programme is of, and what its rows and columns are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.formulations.names import plain_family
from optimizer.programmes.identity import ProgrammeOf

WIDTH = 200  # characters of a comment: LP readers take lines of 255
LONGEST = 80  # of a name in it

ROWS = {
    "(1.1)": "slot", "(1.2)": "demand charge, metering interval", "(1.5)": "kW or kWh, charge or tiers",
    "(1.6) full": "kW or kWh, charge or tiers, run, segment", "(1.6) begin": "kW or kWh, charge or tiers, run, segment",
    "(1.7) above": "tiers, threshold", "(1.7) counted": "tiers, threshold", "(1.9)": "demand charge, the one above it",
    "(2.1)": "type, band, slot", "(2.2)": "type, band, majorant, slot", "(2.3)": "type, slot",
    "(2.4)": "type, band, slot", "(2.5)": "type, band, slot", "(2.6) stay": "type, slot",
    "(2.6) most": "type, band, slot", "(2.6) least": "type, band, slot", "(2.7)": "type, count", "(2.8)": "type, slot",
    "(2.9)": "slot", "(2.11)": "slot",
    "(4.1)": "pack, slot", "(4.1) plugged": "pack, slot", "(4.2)": "pack, slot", "(4.3)": "pack, slot",
    "(4.4)": "pack, slot, line", "(4.5)": "slot", "(4.6) start": "slot, bay", "(4.6) stop": "slot, bay",
    "(4.6) start_other": "slot, bay", "(4.6) stop_other": "slot, bay", "(4.6) starts": "slot", "(4.6) stops": "slot",
    "(4.7)": "slot", "(4.7) partial": "pack, slot",
    "(5.1)": "swap", "(5.2)": "pack, slot", "(5.3)": "pack, swap, earlier swap", "(5.4)": "pack, slot",
    "(5.4) high": "pack, slot", "(5.4) low": "pack, slot", "(5.5) high": "pack, slot", "(5.5) low": "pack, slot",
    "(5.6)": "pack, swap", "(5.7)": "pack, swap, slot", "(5.8)": "pack, line, slot", "(5.9)": "pack, line, slot",
    "(5.10)": "pack, slot", "(5.10) present": "pack, slot", "(5.11)": "slot", "(5.12)": "part, next part",
    "(7.1)": "pack group, slot, state", "(7.2)": "pack group, slot, state", "(7.3)": "swap group",
    "(7.4)": "slot", "(7.5) start": "slot", "(7.5) stop": "slot", "(7.6)": "slot", "(7.7)": "swap group",
    "(7.8) most": "demand charge, slot", "(7.8) peak": "demand charge", "(7.9)": "slot",
    "(8.1)": "slot, port", "(8.2)": "swap, slot", "(8.3) needs": "swap", "(8.3) fills": "swap",
    "(8.4) comes": "swap, slot, port", "(8.4) leaves": "swap, slot, port", "(8.5)": "slot",
}  # fmt: skip
"""What the indices of each family of rows stand for, by equation."""

COLUMNS = {
    "drawn_kw": ("slot", "power drawn from the grid"),
    "solar_kw": ("slot", "solar power used"),
    "peak_kw": ("demand charge", "billed peak"),
    "part": ("kW or kWh, charge or tiers, segment", "what lies on a segment of a stepped rate"),
    "begun": ("kW or kWh, charge or tiers, run", "1 if the next run of segments is begun"),
    "above_kwh": ("tiers, threshold", "the month's kWh above a threshold of hours of use"),
    "above_hours": ("tiers, threshold", "1 if there are any"),
    "short": ("slot", "packs by which the ready reserve falls short"),
    "H": ("type, band, slot", "fills of a band at the end of the slot"),
    "leaving": ("type, band, slot", "packs handed over that fill the band"),
    "present": ("type, slot", "packs that may charge"),
    "charge_kwh": ("type, slot", "energy into packs"),
    "served": ("class of swaps, port-indexed: swap", "swaps served"),
    "serves": ("pack, swap", "1 if the bay of this pack hands its pack to the swap"),
    "energy_kwh": ("pack, slot", "energy in the bay of this pack at the end of the slot"),
    "power_kw": ("pack, slot", "power into the bay of this pack"),
    "wear_per_hour": ("pack, slot", "wear in currency per hour"),
    "is_ready": ("pack, slot", "1 if the bay counts for the ready reserve"),
    "on": ("pack, slot", "1 if the charger is on"),
    "ends_full": ("pack, slot", "1 if the slot ends at the target"),
    "on_curve": ("pack, slot, line", "1 if power lies on this line of the acceptance curve"),
    "more_kw": ("pack, slot", "power of a partial slot while it lasts, above its average"),
    "changes": ("slot", "plug changes before the slot"),
    "starts": ("slot, bay", "1 if the bay starts to charge"),
    "stops": ("slot, bay", "1 if the bay stops"),
    "idle": ("pack group, slot, state", "packs in the state that do not charge"),
    "charge": ("pack group, slot, state", "packs in the state that charge"),
    "stay": ("pack group, slot, state", "packs in the state that are not handed over"),
    "hand_over": ("pack group, slot, state, swap group", "packs in the state handed over to these swaps"),
    "whole": ("swap group", "swaps of several packs served"),
    "whole_peak": ("demand charge", "most packs at full power while it is metered"),
    "charges": ("swap, slot, port", "1 if the port charges the pack that this swap asks for"),
    "switched": ("slot, port", "1 if the port changes its pack before the slot"),
}
"""Of each family of columns, what its indices stand for, and what it is."""

_ROWS = {plain_family(family): indices for family, indices in ROWS.items()}


def file_comments(of: ProgrammeOf, rows: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Lines in ASCII, none longer than the formats take."""
    return [line[:WIDTH] for line in _lines(of, rows, columns)]


def _lines(of: ProgrammeOf, rows: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    yield f"instance {_in_ascii(of.instance)}, station {_in_ascii(of.station)}, formulation {of.formulation}"
    yield f"instance hash {of.hash}"
    yield "units: kW, kWh, currency; packs, swaps, pack types and charges are numbered from 0 as in the instance file,"
    yield "swaps of several packs pack by pack, slots from 0; equations are those of models/README.md of swapcharge"
    for family in _families(rows):
        equation = re.sub(r"^c(\d+)_(\d+)", r"equation (\1.\2)", family).replace("_", " ")
        yield f"rows {family}({_ROWS[family]}): {equation}"
    for family in _families(columns):
        indices, meaning = COLUMNS[family]
        yield f"columns {family}({indices}): {meaning}"


def _families(names: Sequence[str]) -> list[str]:
    """In the order in which they come first."""
    return list(dict.fromkeys(name.partition("(")[0] for name in names))


def _in_ascii(name: str) -> str:
    """A name from a file: what is not printable ASCII is spelled out."""
    return re.sub(r"[^ -~]", lambda sign: sign[0].encode("unicode_escape").decode(), name)[:LONGEST]
