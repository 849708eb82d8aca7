"""The rule between re-plans in words, one sentence or two a step, as section 13 of models/README.md numbers them.

The same words stand in the manual, on pages and in what is exported; optimizer/simulate carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RULE_IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "(13.1)": (
            "Drivers of a slot come first, those who must be served before known ones, known ones before "
            "others. Each gets the emptiest pack of the type that holds what he asks for; one that a "
            "known driver asks for by name is kept for him until his slot is over, but from drivers who "
            "must be served."
        ),
        "(13.2)": (
            "The fullest pack of a type that may charge takes the power that the plan gives to its "
            "fullest one in this slot, the second fullest that of its second fullest, and so on. As long "
            "as all drivers came and all packs charged as planned, hand-overs and powers are the plan's, "
            "bay by bay. Without a plan these powers are 0."
        ),
        "(13.3)": (
            "Each power is cut to what the pack takes and the charger can give: on or off, or no less "
            "than the least power unless that fills the pack."
        ),
        "(13.4)": (
            "What packs of a type cannot take of the planned power goes to its packs that are nearest to "
            "ready, to each no more than makes it ready."
        ),
        "(13.5)": (
            "Where fewer packs of a type are ready or charging at full power than its least, those nearest "
            "to ready charge at full power, until there are so many or no more can; none takes more than "
            "makes it ready."
        ),
        "(13.6)": (
            "Where more packs of a type are ready or charging than its most, the emptiest that charge and "
            "are not ready stop, until there are so many."
        ),
        "(13.7)": (
            "The power drawn, base load included, stays within the rule's limit and the grid's; while "
            "fewer packs are ready than is urgent, only within the grid's."
        ),
        "(13.8)": (
            "What does not fit into the limit, or has no charger, is cut: packs that lack least to be "
            "ready are served first, ready ones last."
        ),
    }
)
"""Of each step, by its number."""
