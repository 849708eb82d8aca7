"""Events of OpenADR 3 on the slots of an instance: limits, prices, when they hold and for whom; what is refused."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import fields
from openadr_events import LIMIT, PRICE, WINTER_DAY, event, interval, limit, period, price, refusal, taken
from paths import INSTANCES

from optimizer.files.errors import InputErrors
from optimizer.formats.read_instance import parse_instance
from optimizer.imports.events.document import OadrEvent, OadrInterval, OadrPeriod, parse_events
from optimizer.imports.events.into_instance import EventOptions
from optimizer.imports.events.payloads import KILOWATTS, KWH_OF, LIMITS

OWN_KW = 400.0
BEFORE = parse_instance(WINTER_DAY.read_bytes(), "before", WINTER_DAY.parent).nights[0]
OWN_PRICES = BEFORE.tariff_series.price_per_kwh


def limits(*events: Any) -> dict[int, float]:
    """The limits of slots that are no longer the station's own, kW."""
    instance, _ = taken(*events)
    found = enumerate(instance.nights[0].station.grid_limit_kw)
    return {slot: kw for slot, kw in found if kw != OWN_KW}


def prices(*events: Any, options: EventOptions | None = None) -> dict[int, float]:
    instance, _ = taken(*events, options=options)
    found = enumerate(zip(instance.nights[0].tariff_series.price_per_kwh, OWN_PRICES, strict=True))
    return {slot: new for slot, (new, own) in found if new != own}


def notes(*events: Any, options: EventOptions | None = None) -> tuple[str, ...]:
    return taken(*events, options=options)[1].notes


def test_a_limit_holds_in_its_slots() -> None:
    assert limits(limit(60)) == dict.fromkeys(range(72, 76), 60)
    assert notes(limit(60)) == ()


def test_a_limit_holds_in_every_slot_that_it_touches() -> None:
    assert limits(limit(60, "2022-12-20T18:14:59+01:00", "PT2S")) == {72: 60, 73: 60}


def test_a_shifted_start_widens_a_limit() -> None:
    shifted = event(interval(LIMIT, 60), when=period(randomizeStart="PT1M"))
    assert limits(shifted) == dict.fromkeys(range(71, 77), 60)
    assert notes(shifted) == ("[0]: starts may be shifted; limits hold wherever they may, prices as stated",)


def test_of_several_limits_the_least_holds_whatever_their_priority() -> None:
    assert limits(limit(60, priority=5), limit(80, duration="PT2H", priority=0)) == {
        **dict.fromkeys(range(72, 76), 60), **dict.fromkeys(range(76, 80), 80),
    }  # fmt: skip


def test_a_limit_above_the_stations_own_changes_nothing_and_is_told() -> None:
    assert limits(limit(500)) == {}
    assert notes(limit(500)) == ("[0].intervals[0]: no lower than the grid limits of nl-13-packs",)


def test_a_subscription_is_a_limit_in_any_unit_of_power() -> None:
    subscribed = event(interval("IMPORT_CAPACITY_SUBSCRIPTION", 0.05), when=period())
    subscribed["payloadDescriptors"][0]["units"] = "MW"
    assert limits(subscribed) == dict.fromkeys(range(72, 76), 50)


def test_intervals_follow_one_another_unless_they_say_when() -> None:
    later = period("2022-12-20T22:00:00+01:00", None)
    found = limits(
        event(
            interval(LIMIT, 10), interval(LIMIT, 20, when={"duration": "PT30M"}), interval(LIMIT, 30),
            interval(LIMIT, 40, when=later), interval(LIMIT, 50, when={"start": "0001-01-01", "duration": "PT15M"}),
            when=period(),
        )
    )  # fmt: skip
    expected = [*[10] * 4, *[20] * 2, *[30] * 4]
    assert found == dict(enumerate(expected, 72)) | {88: 40, 89: 40, 90: 40, 91: 40, 92: 50}


def test_several_values_part_an_interval() -> None:
    assert prices(event(interval(PRICE, 0.5, 0.6), when=period())) == {72: 0.5, 73: 0.5, 74: 0.6, 75: 0.6}


def test_events_repeat_or_are_cut_off_by_their_own_duration() -> None:
    morning = ("2022-12-18T06:00:00+01:00", "PT15M")
    twice = [interval(LIMIT, 60), interval(LIMIT, 500, when={"duration": "PT23H45M"})]
    assert limits(event(*twice, when=period(*morning), duration="P9999Y")) == {24: 60}
    assert limits(event(*twice, when=period(*morning), duration="P2D")) == {}
    assert limits(limit(60, duration="PT4H") | {"duration": "PT30M"}) == {72: 60, 73: 60}


def test_now_without_end_is_the_whole_horizon() -> None:
    assert limits(limit(60, "0001-01-01T00:00:00Z", "P9999Y")) == dict.fromkeys(range(96), 60)


def test_months_and_years_go_by_the_calendar() -> None:
    assert limits(limit(60, "2022-11-20T18:00:00+01:00", "P1M")) == dict.fromkeys(range(72), 60)
    assert limits(limit(60, "2190-01-01T00:00:00Z", "P999Y")) == {}
    assert limits(limit(60, duration="P9999999D")) == dict.fromkeys(range(72, 96), 60)


def test_what_lies_beside_the_horizon_is_told() -> None:
    assert notes(limit(60, "2022-12-21T00:00:00+01:00")) == ("[0]: no part of it lies in the horizon, left out",)
    assert notes(limit(60, duration="PT0S")) == ("[0]: no part of it lies in the horizon, left out",)


def test_prices_replace_those_of_the_tariff_or_are_added() -> None:
    assert prices(price(0.5)) == dict.fromkeys(range(72, 76), 0.5)
    added = prices(price(0.5), options=EventOptions(is_added=True))
    assert added == {slot: OWN_PRICES[slot] + 0.5 for slot in range(72, 76)}
    assert notes(price(0.5)) == ("prices of events take the place of the tariff's",)
    assert notes(price(0.5), options=EventOptions(is_added=True)) == (
        "prices of events are added to those of the tariff",
    )


def test_a_price_for_a_part_of_a_slot_is_weighted_by_time() -> None:
    (found,) = prices(price(0.9, "2022-12-20T18:05:00+01:00", "PT5M")).values()
    assert found == pytest.approx(0.3 + OWN_PRICES[72] * 2 / 3)
    assert notes(price(0.9, "2022-12-20T18:05:00+01:00", "PT5M"))[1] == (
        "prices that hold for a part of a slot are weighted by time: 1 slot"
    )


def test_prices_by_the_megawatt_hour() -> None:
    given = price(250)
    given["payloadDescriptors"][0] = {"payloadType": PRICE, "units": "MWH"}
    assert prices(given) == dict.fromkeys(range(72, 76), 0.25)
    assert notes(given)[0] == "[0]: prices without a currency, taken as EUR"


def test_of_several_prices_that_of_the_highest_priority_counts() -> None:
    base = price(0.2, duration="PT2H")
    assert prices(base, price(0.5, priority=3)) == {
        **dict.fromkeys(range(72, 76), 0.5),
        **dict.fromkeys(range(76, 80), 0.2),
    }
    assert prices(price(0.1, priority=0), price(0.5, priority=3))[72] == 0.1
    assert prices(price(0.5), price(0.5))[72] == 0.5
    assert refusal(price(0.4), price(0.5)) == (
        "events: [1].intervals[0]: 0.5: has another price than [0].intervals[0] at the same time, with the same "
        "priority; give one of them a priority: 0 is the highest"
    )


@pytest.mark.parametrize(
    "targets", [["nl-13-packs"], [{"type": "RESOURCE_NAME", "values": ["nl-13-packs"]}], ["west"], [], None]
)
def test_targets_name_stations_or_groups(targets: object) -> None:
    found, _ = taken(limit(60, targets=targets), options=EventOptions(groups={"west": ["nl-13-packs"]}))
    assert min(found.nights[0].station.grid_limit_kw) == 60


def test_targets_that_are_not_known() -> None:
    assert refusal(limit(60, targets=[{"type": "GROUP", "values": ["nl-13-pack"]}])) == (
        'events: [0].targets[0].values: "nl-13-pack": is neither a station of the instance nor a --group; did you mean '
        "'nl-13-packs'?"
    )
    assert refusal(limit(60, targets=["north"])).endswith("; say --group north=STATION, or leave the event out")
    assert notes(limit(60, targets=["north", "nl-13-packs"])) == ("[0]: targets that name no station here: north",)


def test_programs_give_units_and_notifications_hold_events() -> None:
    bare = limit(60) | {"payloadDescriptors": None, "programID": "p7"}
    program = {
        "id": "p7",
        "objectType": "PROGRAM",
        "programName": "x",
        "payloadDescriptors": [{"payloadType": LIMIT, "units": "KW"}],
    }
    notification = {"objectType": "EVENT", "operation": "CREATE", "object": bare}
    assert limits(program, notification) == dict.fromkeys(range(72, 76), 60)
    whole = parse_events(json.dumps({"events": [bare], "programs": [program]}).encode(), "f")
    assert whole.events[0].place == "events[0]" and whole.events[0].defaults
    single = parse_events(json.dumps(limit(60)).encode(), "f")
    assert single.events[0].place == "event"


def test_what_has_no_effect_is_told() -> None:
    given = event(
        interval("GHG", 300),
        interval("ALERT_FLEX_ALERT", "soon"),
        interval("SIMPLE", 0),
        when=period(),
        eventName="x",
        vendor=1,
    )
    assert notes(given) == (
        "keys that are not read: vendor",
        "[0] (x): without effect on a plan, left out: GHG, ALERT_FLEX_ALERT, SIMPLE",
    )


UNITLESS = limit(60) | {"payloadDescriptors": []}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            event(interval("SIMPLE", 2), when=period()),
            '[0].intervals[0].payloads[0].type: "SIMPLE": is a level whose meaning an operator agrees on '
            "with the utility, "
            "which no instance can hold; write what it means here as IMPORT_CAPACITY_LIMIT or PRICE, or "
            "leave the event out",
        ),
        (
            event(interval("IMPORT_CAPACITY_LIMITS", 2), when=period()),
            '[0].intervals[0].payloads[0].type: "IMPORT_CAPACITY_LIMITS": is no type of OpenADR 3 that is '
            "known; did you "
            "mean 'IMPORT_CAPACITY_LIMIT'?",
        ),
        (
            UNITLESS,
            "[0].payloadDescriptors: absent: must say the unit of IMPORT_CAPACITY_LIMIT; add "
            '{"payloadType": "IMPORT_CAPACITY_LIMIT", "units": "KW"}, or give the program in the same file',
        ),
        (
            UNITLESS | {"payloadDescriptors": [{"payloadType": LIMIT, "units": "KVA"}]},
            '[0].payloadDescriptors.units: "KVA": must be KW or MW or W or GW for IMPORT_CAPACITY_LIMIT; '
            "convert the values",
        ),
        (
            price(1) | {"payloadDescriptors": [{"payloadType": PRICE, "units": "KWH", "currency": "USD"}]},
            '[0].payloadDescriptors.currency: "USD": must be that of the instance, EUR; convert the prices',
        ),
        (limit(-1), "[0].intervals[0].payloads[0].values: [-1]: must not be below 0; correct the limit"),
        (
            event(interval(LIMIT, "60"), when=period()),
            '[0].intervals[0].payloads[0].values: ["60"]: must be numbers, at least one; write a number, '
            "or several one "
            "after the other",
        ),
        (
            limit(60, duration="an hour"),
            '[0].intervalPeriod.duration: "an hour": must be a duration of ISO 8601, not below 0; write it '
            "like PT1H or "
            "PT15M",
        ),
        (
            limit(60, "2022-12-20T18:00"),
            '[0].intervalPeriod.start: "2022-12-20T18:00": must say its offset from UTC; write '
            "2022-12-20T18:00Z for UTC, "
            "or end it with an offset such as +01:00",
        ),
        (
            event(interval(LIMIT, 60), when=period(None)),
            "[0].intervalPeriod.start: absent: must be given, here or for the first interval; write it like "
            "2025-01-15T18:00:00Z",
        ),
        (
            event(interval(LIMIT, 60), when=period(duration=None)),
            "[0].intervals[0].intervalPeriod.duration: absent: must be given, here or for the event; write "
            "it like PT1H",
        ),
        (
            limit(60, "0001-01-01"),
            '[0].intervalPeriod.start: "0001-01-01": begins when the event is received, which no file tells; write the '
            "instant at which it begins",
        ),
        (
            event(interval(LIMIT, 60), when=period(randomizeStart="P1M")),
            '[0].intervals[0].intervalPeriod.randomizeStart: "P1M": must be at most a day; write it like PT5M',
        ),
        (
            limit(60, duration="PT0.01S") | {"duration": "P9999Y"},
            '[0].duration: "P9999Y": repeats intervals more than 100,000 times within the horizon; correct '
            "the durations "
            "of the intervals",
        ),
        (
            {"intervalPeroid": period(), "intervals": []},
            '[0].intervalPeroid: {"start":"2022-12-20T18:00:00+01:00","duration":"PT1H"}: is not a key of this object; '
            "did you mean 'intervalPeriod'?",
        ),
        ({"eventName": "x"}, "[0].intervals: absent: must be given; add it: the intervals"),
        (3, "[0]: 3: must be an object; correct the value"),
    ],
)
def test_what_is_refused(given: Any, said: str) -> None:
    assert refusal(given) == f"events: {said}"


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(refusal(UNITLESS, limit(-1), event(interval("OLS", 1), when=period())).splitlines()) == 3


def test_a_file_without_events_is_refused() -> None:
    with pytest.raises(InputErrors, match="f: has no event of OpenADR 3; give the answer of GET /events"):
        parse_events(b"[]", "f")


def test_stations_with_other_prices_get_a_tariff_of_their_own() -> None:
    plain = json.loads(WINTER_DAY.read_text(encoding="utf-8"))
    (station,) = plain["stations"]
    plain["stations"] = [station | {"id": name} for name in ("a", "b", "c")]

    class Held:
        parent = WINTER_DAY.parent

        def read_bytes(self) -> bytes:
            return json.dumps(plain).encode()

    instance, found = taken(price(0.5, targets=["b", "c"]), path=Held())
    assert [one["tariff"] for one in found.plain["stations"]] == [
        "nl-day-ahead", "nl-day-ahead, events of b", "nl-day-ahead, events of b",
    ]  # fmt: skip
    assert [night.tariff_series.price_per_kwh[72] for night in instance.nights] == [OWN_PRICES[72], 0.5, 0.5]
    instance, found = taken(price(0.5), limit(9), path=Held(), options=EventOptions(stations=["a"]))
    assert [min(night.station.grid_limit_kw) for night in instance.nights] == [9, 400, 400]


@given(some.integers(0, 96 * 900), some.integers(1, 96 * 900), some.floats(0, 400))
def test_no_moment_of_a_limit_is_free(start: int, seconds: int, kw: float) -> None:
    horizon = BEFORE.horizon
    begin = horizon.start + timedelta(seconds=start)
    instance, _ = taken(limit(kw, begin.isoformat(), f"PT{seconds}S"))
    held = instance.nights[0].station.stated_limit_kw or instance.nights[0].station.grid_limit_kw
    end = begin + timedelta(seconds=seconds)
    for slot in range(96):
        touches = horizon.slot_start(slot) < end and begin < horizon.slot_start(slot + 1)
        assert held[slot] == (min(kw, 400) if touches else 400)


@given(some.integers(0, 96 * 900), some.integers(1, 96 * 900), some.floats(-1, 1))
def test_a_price_costs_a_constant_load_what_its_time_says(start: int, seconds: int, value: float) -> None:
    horizon = BEFORE.horizon
    begin = horizon.start + timedelta(seconds=start)
    found = prices(price(value, begin.isoformat(), f"PT{seconds}S"))
    until = min(start + seconds, 96 * 900)
    seconds_of = [max(0, min(until, (slot + 1) * 900) - max(start, slot * 900)) for slot in range(96)]
    for slot, held in enumerate(seconds_of):
        expected = OWN_PRICES[slot] + (value - OWN_PRICES[slot]) * held / 900
        assert found.get(slot, OWN_PRICES[slot]) == pytest.approx(expected)


def test_the_document_names_all_keys_and_types_that_are_read() -> None:
    text = (INSTANCES / "README.md").read_text(encoding="utf-8")
    section = text.partition("### Events of OpenADR 3\n")[2].partition("\n### ")[0]
    told = set(re.findall(r"`([\w]+)(?:\[\])?`", section))
    kinds = (OadrEvent, OadrInterval, OadrPeriod)
    assert {one.encode_name for kind in kinds for one in fields(kind)} <= told
    manual = (INSTANCES.parent / "optimizer" / "README.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in manual for kind in (*LIMITS, PRICE))
    assert all(f"`{unit}`" in section for unit in (*KILOWATTS, *KWH_OF))
