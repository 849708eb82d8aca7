"""What would let a lost swap be served: the least of each kind, and which resources hold it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RepairKind = Literal["grid_limit", "packs", "chargers", "charging_power", "delay"]
REPAIR_KINDS: tuple[RepairKind, ...] = ("grid_limit", "packs", "chargers", "charging_power", "delay")
RepairStatus = Literal["found", "no_help", "nothing_to_add", "undecided"]
Holder = Literal["grid_limit", "chargers", "charging_power", "acceptance", "packs", "arrival"]


@dataclass(frozen=True)
class Repair:
    """The least of one kind with which a plan serves the swap and everybody whom the losing plan serves.

    `status`: "found": `amount` does, a plan that keeps every rule shows it. "no_help": that no amount does is proven.
    "nothing_to_add": every pack has its charger, say. "undecided": neither was found out.
    `amount`: kW of grid limit, packs, chargers, kW more of every charger, minutes of delay. `begin`, `end`: the first
    slot in which the grid limit is to be higher and the one after the last. `is_least`: that one step less does not is
    proven; else no plan was found with it. `step`: of the amounts that were tried.
    """

    kind: RepairKind
    status: RepairStatus
    amount: float = 0.0
    begin: int | None = None
    end: int | None = None
    is_least: bool = False
    step: float = 1.0


@dataclass(frozen=True)
class Mending:
    """All repairs of one lost swap. `held_by`: what holds it back: each of these alone, without limit, would do."""

    swap: str
    held_by: tuple[Holder, ...]
    repairs: tuple[Repair, ...]
