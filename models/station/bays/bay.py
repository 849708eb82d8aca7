"""Bays by name and number: which pack stands where, which bays hold none, which have no charger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from models.errors import Problem
from models.station.packs.pack import Pack


@dataclass(frozen=True)
class Bay:
    """A place for one pack. One that is `out_of_order` holds no pack and takes none; without a `charger` a pack in it
    may be handed over, and neither that pack nor those that come in its place are ever charged there."""

    name: str
    out_of_order: bool = False
    charger: bool = True


def bay_of_each(packs: Sequence[Pack], count: int, bays: Sequence[Bay]) -> tuple[int, ...]:
    """The number of every pack's bay. Packs that state none take the first bays in order that no other one states.

    `count`: bays of the station; `bays`: what is known of each, or nothing. −1: there is no such bay, or none left.
    """
    stated = [_number(pack.bay, count, bays) for pack in packs]
    taken = set(stated)
    free = (n for n in range(count) if n not in taken and not (bays and bays[n].out_of_order))
    return tuple(next(free, -1) if number is None else number for number in stated)


def _number(stated: int | str | None, count: int, bays: Sequence[Bay]) -> int | None:
    """The number of a stated bay, −1 where there is none of that name or number; None: nothing is stated."""
    if isinstance(stated, str):
        return next((n for n, bay in enumerate(bays) if bay.name == stated), -1)
    return stated if stated is None or 0 <= stated < count else -1


def bay_problems(packs: Sequence[Pack], count: int, bays: Sequence[Bay]) -> Iterator[Problem]:
    """Bays that are named twice, packs in no bay of the station, in one out of order, or two in one."""
    yield from _name_problems([bay.name for bay in bays])
    in_order = count - sum(bay.out_of_order for bay in bays)
    if len(packs) > in_order and count >= 1:
        which = f"{in_order} bays" if in_order == count else f"{in_order} bays that are not out of order"
        yield Problem("packs", f"{len(packs)} packs", f"must fit the {which}", "add bays or remove packs")
    yield from _stated_bay_problems(packs, count, bays)


def _name_problems(names: Sequence[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if not name.strip():
            yield Problem(f"bays[{index}].name", name, "a bay needs a name", "write a text that is not blank")
        elif name in names[:index]:
            rule = "this bay name is taken by an earlier one"
            yield Problem(f"bays[{index}].name", name, rule, "give every one its own name")


def _stated_bay_problems(packs: Sequence[Pack], count: int, bays: Sequence[Bay]) -> Iterator[Problem]:
    holder: dict[int, str] = {}
    for index, pack in enumerate(packs):
        number, place = _number(pack.bay, count, bays), f"packs[{index}].bay"
        if number is None:
            continue
        if number < 0:
            yield Problem(place, pack.bay, "is not a bay of this station", _bays_in_words(pack.bay, count, bays))
        elif bays and bays[number].out_of_order:
            rule = "is out of order: it holds no pack"
            remedy = 'a bay that only cannot charge has "charger": false, a pack that is stuck has "usable": false'
            yield Problem(place, pack.bay, rule, remedy)
        elif number in holder:
            rule = f"holds pack {holder[number]!r} already"
            yield Problem(place, pack.bay, rule, "a bay holds one pack: correct one of the two")
        else:
            holder[number] = pack.id


def _bays_in_words(stated: int | str | None, count: int, bays: Sequence[Bay]) -> str:
    if not bays:
        return f"its bays are numbered from 0 to {count - 1}; a list of bays gives them names"
    names = [bay.name for bay in bays]
    if isinstance(stated, str) and (close := get_close_matches(stated, names, 1)):
        return f"did you mean {close[0]!r}?"
    return f"its bays: {', '.join(names)}; or numbers from 0 to {count - 1}"
