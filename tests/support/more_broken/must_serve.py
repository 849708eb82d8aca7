"""Plans that break `must_serve`."""

from __future__ import annotations

from dataclasses import replace

import builders as make
from broken_plans import broken

from models.station.schedule import Unserved

MUST = make.night(swaps=(make.swap("W1", 1, must_serve=True), make.swap("W2", 2)))
LOST, READY = Unserved("W1", "no pack can be ready"), "served: P1 is ready and stays"
SERVED = "served, or told as unserved with the reason"
broken("must_serve_lost", MUST, make.schedule(MUST), ("must_serve", "swap W1, slot 1", "lost", SERVED))
broken(
    "must_serve_lost_for_another",
    MUST,
    make.schedule(MUST, {}, {"W2": "P1"}),
    ("must_serve", "swap W1, slot 1", "lost", SERVED),
)
broken(
    "told_without_a_reason",
    MUST,
    replace(make.schedule(MUST, {}, {"W2": "P1"}), unserved=(Unserved("W1", " "),)),
    ("must_serve", "swap W1, slot 1", "lost", SERVED),
)
broken(
    "told_but_a_pack_is_ready",
    MUST,
    replace(make.schedule(MUST), unserved=(LOST,)),
    ("must_serve", "swap W1, slot 1", "lost", READY),
)
broken(
    "told_but_served",
    MUST,
    replace(make.schedule(MUST, {}, {"W1": "P1"}), unserved=(LOST,)),
    ("must_serve", "swap W1, slot 1", "told as unserved", "a swap that is lost"),
)
broken(
    "told_of_a_swap_that_may_be_lost",
    MUST,
    replace(make.schedule(MUST, {}, {"W1": "P1"}), unserved=(Unserved("W2", "too late"),)),
    ("must_serve", "swap W2, slot 2", "told as unserved", "a swap that must be served"),
)
broken(
    "told_of_nobody",
    MUST,
    replace(make.schedule(MUST, {}, {"W1": "P1"}), unserved=(Unserved("W9", "who?"),)),
    ("must_serve", "swap W9", "told as unserved", "a swap of this station"),
)
