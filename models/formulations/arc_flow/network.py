"""What an on/off charger can make of a pack, as a network (section 7 of models/README.md): states and what leads where.

A charger that is on gives a pack the most it takes, so from the energy it came with a pack climbs a fixed ladder:
its state is a rung of it, and whether it charged in the slot before. Packs in one state are counted, not named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from models.formulations.levels.data import start_kwh
from models.station.acceptance import reach_kwh
from models.station.instance import Night, Pack, Swap
from models.station.pack_type import PackType
from models.tolerances import EQUAL, MISSING_KWH, SAME_STATE_DIGITS, TRICKLE_KWH

OFF, ON = 0, 1
NO_RETURN = -1.0
Signature = tuple[int, str, float, float, float]  # slot, type, need and returned energy (NO_RETURN: none), lost cost
Wish = tuple[Signature, ...]  # of the swaps that ask for a pack by name
Group = tuple[str, Wish, tuple[float, ...]]  # type, wish, and a temperature of its own in °C where a curve asks for it


@dataclass(frozen=True, order=True)
class State:
    """A pack at the start of a slot. `status`: OFF, ON (it charged in the slot before) or, in turnaround, `waiting`.

    `energy`: kWh rounded to SAME_STATE_DIGITS, the same for packs that differ by rounding noise only.
    """

    status: int
    energy: float

    def __str__(self) -> str:
        """In names: off, on, or wait and the slot from which it may charge; then kWh."""
        status = ("off", "on")[self.status] if self.status <= ON else f"wait{self.status - ON - 1}"
        return f"{status}_{self.energy}"

    def idle(self, slot: int) -> State:
        """The state a slot later if nothing is charged in `slot`."""
        is_over = self.status <= ON or self.status == waiting(slot + 1)
        return State(OFF if is_over else self.status, self.energy)


def waiting(until: int) -> int:
    """The status of a returned pack that may charge from slot `until` on."""
    return ON + 1 + until


@dataclass(frozen=True)
class SwapGroup:
    """Swaps that no cost and no rule tells apart. `pack_group`: index of the only group of packs that they take, None:
    any of the type. `returned`: state in which the packs that they bring stand in the station, None where none comes.
    `packs`: so many of them, one after the other, are the parts of one swap.
    """

    slot: int
    type: str
    needed_kwh: float
    returned: State | None
    lost_cost: float
    pack_group: int | None
    swaps: tuple[str, ...]
    packs: int = 1


@dataclass(frozen=True)
class PackGroup:
    """Packs that are interchangeable at equal energy: a type's, or those that equal swaps ask for by name.

    `start`: ids of the packs that are in each state at the start. `takes`: swap groups, by slot, that its packs may
    serve; `brings`: swap groups whose packs join it, by slot and state.
    """

    kind: PackType
    start: Mapping[State, tuple[str, ...]]
    takes: Mapping[int, tuple[int, ...]]
    brings: Mapping[int, Mapping[State, tuple[int, ...]]]


@dataclass(frozen=True)
class ArcNetwork:
    """All pack_groups and swap_groups of a night, and which states packs of a pack_group can be in, slot by slot."""

    night: Night
    pack_groups: tuple[PackGroup, ...]
    swap_groups: tuple[SwapGroup, ...]
    counts_status: bool
    _ladder: dict[tuple[int, float], float] = field(default_factory=dict)

    def charged(self, pack_group: PackGroup, state: State) -> State | None:
        """The state after a slot on a charger; None where the pack may not charge or takes nothing."""
        if state.status > ON:
            return None
        key = id(pack_group), state.energy  # groups of one type may differ in temperature
        if key not in self._ladder:
            chargers, hours = self.night.station.chargers, self.night.horizon.slot_hours
            self._ladder[key] = reach_kwh(pack_group.kind, chargers.max_kw, hours, state.energy)
        after = self._ladder[key]
        if after <= state.energy + EQUAL:
            return None
        is_on = self.counts_status and self.is_plugged(state, after)
        return State(ON if is_on else OFF, rounded(after))

    def is_plugged(self, state: State, after_kwh: float) -> bool:
        """Does a pack that goes from `state` to that energy in a slot count for plug changes? A trickle does not."""
        return after_kwh - state.energy > TRICKLE_KWH

    def has_more_states(self, limit: int) -> bool:
        """Are there more than `limit` states of all pack_groups and slots? Stops to count as soon as there are."""
        count = 0
        for pack_group in self.pack_groups:
            for states in self._states(pack_group):
                count += len(states)
                if count > limit:
                    return True
        return False

    @cached_property
    def states(self) -> tuple[tuple[tuple[State, ...], ...], ...]:
        """By pack_group and slot: the states that packs can be in at the slot's start, before its swaps."""
        return tuple(tuple(self._states(pack_group)) for pack_group in self.pack_groups)

    def _states(self, pack_group: PackGroup) -> Iterator[tuple[State, ...]]:
        now = set(pack_group.start)
        for t in range(self.night.horizon.slots):
            yield tuple(sorted(now))
            now |= set(pack_group.brings.get(t, {}))
            now = {state.idle(t) for state in now} | {s for state in now if (s := self.charged(pack_group, state))}

    def serves(self, pack_group: PackGroup, state: State, slot: int) -> list[int]:
        """Demands of `slot` that a pack of the pack_group in `state` can be handed over to."""
        asking = pack_group.takes.get(slot, ())
        return [index for index in asking if state.energy >= self.swap_groups[index].needed_kwh - MISSING_KWH]


def rounded(energy_kwh: float) -> float:
    """The energy of a state."""
    return round(energy_kwh, SAME_STATE_DIGITS)


def arc_network(night: Night) -> ArcNetwork:
    """The network of a night; it holds every plan of an on/off station, and some of any other.

    Swaps of several packs are there pack by pack (`Night.by_pack`).
    """
    night = night.by_pack
    wishes = _wishes(night)
    own = {pack.id: (pack.type, wishes.get(pack.id, ()), _own_temperature(night, pack)) for pack in night.station.packs}
    starts: dict[Group, dict[State, list[str]]] = defaultdict(lambda: defaultdict(list))
    for swap in night.station.swaps:
        starts[swap.type, (), ()]  # where packs that come belong, though the type may have none at the start
    for pack in night.station.packs:
        starts[own[pack.id]][State(OFF, rounded(start_kwh(night, pack)))].append(pack.id)
    keys = sorted(starts)
    swap_groups = _swap_groups(night, {pack: group for pack, group in own.items() if group[1]}, keys)
    pack_groups = tuple(_pack_group(night, number, key, starts[key], swap_groups) for number, key in enumerate(keys))
    return ArcNetwork(night, pack_groups, swap_groups, night.station.counts_plug_changes)


def _signature(night: Night, swap: Swap) -> Signature:
    kind = night.pack_types[swap.type]
    returned_kwh = NO_RETURN
    if swap.returned_soc is not None:
        returned_kwh = min(swap.returned_soc * kind.capacity_kwh, kind.target_kwh)
    return swap.slot, swap.type, night.needed_kwh(swap), returned_kwh, swap.lost_cost


def _wishes(night: Night) -> dict[str, Wish]:
    """By pack: what the swaps that ask for it are like. Packs of one wish are interchangeable: each has its own."""
    wishes: dict[str, list[Signature]] = defaultdict(list)
    for swap in night.station.swaps:
        if swap.pack is not None:
            wishes[swap.pack].append(_signature(night, swap))
    return {pack: tuple(sorted(wish)) for pack, wish in wishes.items()}


def _own_temperature(night: Night, pack: Pack) -> tuple[float, ...]:
    """What tells a pack from the others of its type: nothing where it is as warm as the station."""
    if pack.temperature_c in (None, night.station.temperature_c) or not night.pack_types[pack.type].acceptance_at_c:
        return ()
    return (pack.temperature_c,)


def _swap_groups(night: Night, asked: Mapping[str, Group], keys: Sequence[Group]) -> tuple[SwapGroup, ...]:
    groups: dict[tuple[Signature, int, int], list[str]] = defaultdict(list)
    for swap in night.station.swaps:
        number = keys.index(asked[swap.pack]) if swap.pack is not None else -1
        packs = 1 if swap.part_of is None else len(night.parts_by_swap[swap.part_of])
        groups[_signature(night, swap), number, packs].append(swap.id)
    made = []
    for (signature, number, packs), swaps in sorted(groups.items()):
        slot, kind, needed_kwh, returned_kwh, lost_cost = signature
        wait = night.station.turnaround_slots
        status = OFF if wait == 0 else waiting(slot + wait)
        returned = None if returned_kwh == NO_RETURN else State(status, rounded(returned_kwh))
        pack_group = None if number < 0 else number
        made.append(SwapGroup(slot, kind, needed_kwh, returned, lost_cost, pack_group, tuple(swaps), packs))
    return tuple(made)


def _pack_group(
    night: Night, number: int, key: Group, start: Mapping[State, list[str]], swap_groups: Sequence[SwapGroup]
) -> PackGroup:
    kind, wish, temperature = key
    takes: dict[int, list[int]] = defaultdict(list)
    brings: dict[int, dict[State, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, swap_group in enumerate(swap_groups):
        if swap_group.type == kind and swap_group.pack_group in (None, number):
            takes[swap_group.slot].append(index)
        if swap_group.type == kind and swap_group.returned is not None and not wish and not temperature:
            brings[swap_group.slot][swap_group.returned].append(index)
    return PackGroup(
        kind=night.pack_types[kind].at_c(temperature[0]) if temperature else night.kind_of("", kind),
        start={state: tuple(packs) for state, packs in start.items()},
        takes={slot: tuple(indices) for slot, indices in takes.items()},
        brings={t: {state: tuple(indices) for state, indices in at.items()} for t, at in brings.items()},
    )
