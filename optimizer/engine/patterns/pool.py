"""The charging patterns found so far, and the restricted master problem over them."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from models.formulations.matrix import Array, Index
from models.formulations.patterns.master import PatternMaster, Patterns
from models.tolerances import EQUAL, MASTER_WEIGHT
from optimizer.engine.highs import GrowingLp, LpPoint
from optimizer.engine.patterns.pricing import idle_patterns

DIGITS = 6  # patterns whose kWh agree to this many decimals are the same


class Signature(NamedTuple):
    """What a dive decides of a pack, its powers left open: `ready_from` −1: it stays; `on`: packed bits of the slots
    that are on; `is_short`: is the last of them below the least power, so that it must fill the pack?"""

    pool: int
    row: int
    ready_from: int
    on: bytes
    is_short: bool

    def slots(self, count: int) -> Index:
        """The slots that are on, of `count`."""
        return np.flatnonzero(np.unpackbits(np.frombuffer(self.on, dtype=np.uint8), count=count))


class PatternPool:
    """Patterns by number, in the order of their columns of the LP; begins with those that never charge."""

    def __init__(self, master: PatternMaster, seed: int) -> None:
        self.master = master
        self.lp = GrowingLp(master.matrix, seed)
        self.column = np.zeros(0, dtype=np.int64)  # of each pattern
        self.parts: list[tuple[int, Patterns, int]] = []  # pool, patterns, number of the first
        self.signatures: list[Signature] = []
        self.cost = np.zeros(0)
        self._known: set[tuple[Signature, bytes]] = set()
        for k, packs in enumerate(master.packs):
            self.add(k, idle_patterns(packs, master.night.horizon.slots))

    def __len__(self) -> int:
        return len(self.signatures)

    def add(self, k: int, patterns: Patterns) -> int:
        """Add those that are new; returns their number."""
        signatures = self.signatures_of(k, patterns)
        kwh = np.round(patterns.kwh, DIGITS)
        new = []
        for n, signature in enumerate(signatures):
            key = signature, kwh[n].tobytes()
            if key not in self._known:
                self._known.add(key)
                new.append(n)
        if new:
            self._append(k, patterns.some(np.array(new)), [signatures[n] for n in new])
        return len(new)

    def solve(self, seconds: float) -> LpPoint | None:
        """The optimum of the restricted master problem; None where the time is up."""
        return self.lp.solve(seconds)

    def mean_kwh(self, weights: Array, above: float = 0.5) -> dict[Signature, Array]:
        """Signatures of more weight than `above`, and the kWh by slot of their patterns together."""
        share: dict[Signature, float] = defaultdict(float)
        kwh: dict[Signature, Array] = {}
        for n in np.flatnonzero(weights > MASTER_WEIGHT).tolist():
            one, amount = self.signatures[n], weights[n] * self.pattern(n)[1].kwh[0]
            share[one] += weights[n]
            kwh[one] = kwh[one] + amount if one in kwh else amount
        return {one: kwh[one] for one in kwh if share[one] > above}

    def pattern(self, number: int) -> tuple[int, Patterns]:
        """Pool of a pattern, and it alone."""
        place = int(np.searchsorted([first for _, _, first in self.parts], number, side="right")) - 1
        k, patterns, first = self.parts[place]
        return k, patterns.some(np.array([number - first]))

    def entries(self) -> tuple[Index, Index, Array]:
        """Coefficients (pattern, row, value) of all patterns."""
        found = [(first, *self.master.entries(k, patterns)) for k, patterns, first in self.parts]
        owners = np.concatenate([first + owner for first, owner, _, _ in found])
        return owners, np.concatenate([rows for *_, rows, _ in found]), np.concatenate([part[-1] for part in found])

    def _append(self, k: int, patterns: Patterns, signatures: list[Signature]) -> None:
        cost = self.master.cost(k, patterns)
        self.parts.append((k, patterns, len(self)))
        columns = np.arange(self.lp.columns, self.lp.columns + len(patterns))
        self.lp.add_columns(cost, np.full(len(patterns), np.inf), *self.master.entries(k, patterns))
        self.column = np.append(self.column, columns)
        self.cost = np.append(self.cost, cost)
        self.signatures += signatures

    def signatures_of(self, k: int, patterns: Patterns) -> list[Signature]:
        """What a dive decides of these patterns."""
        packs = self.master.packs[k]
        slots = patterns.on.shape[1]
        last = slots - 1 - patterns.on[:, ::-1].argmax(axis=1)
        at_last = patterns.kwh[np.arange(len(patterns)), last]
        short = patterns.on.any(axis=1) & (at_last < packs.lo_kwh[patterns.rows] * (1 - EQUAL))
        packed = np.packbits(patterns.on, axis=1)
        return [
            Signature(k, row, ready, bits.tobytes(), is_short)
            for row, ready, bits, is_short in zip(
                patterns.rows.tolist(), patterns.ready_from.tolist(), packed, short.tolist(), strict=True
            )
        ]
