"""Green Button XML: meter readings told apart, units and multipliers, and what is refused."""

from __future__ import annotations

import pytest

from models.errors import InvalidData
from optimizer.files.errors import InputErrors
from optimizer.tables.read_series import read_series
from optimizer.tables.reading import Reading
from optimizer.tables.unit_words import LOAD

ATOM, ESPI = 'xmlns="http://www.w3.org/2005/Atom"', 'xmlns="http://naesb.org/espi"'
TWO_HOURS = (1_672_560_000, 450), (1_672_563_600, 610)


def reading_type(number: int, flow: str = "1", uom: str = "72", power: str = "0") -> str:
    return (
        f'<entry><link rel="self" href="/type/{number}"/><content><ReadingType {ESPI}><flowDirection>{flow}'
        f"</flowDirection><powerOfTenMultiplier>{power}</powerOfTenMultiplier><uom>{uom}</uom></ReadingType>"
        "</content></entry>"
    )


def meter(number: int) -> str:
    return (
        f'<entry><link rel="self" href="/meter/{number}"/><link rel="related" href="/type/{number}"/>'
        f"<content><MeterReading {ESPI}/></content></entry>"
    )


def block(number: int, values: tuple[tuple[int | str, int | str], ...] = TWO_HOURS) -> str:
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>3600</duration><start>{start}</start></timePeriod><value>{value}"
        "</value></IntervalReading>"
        for start, value in values
    )
    return (
        f'<entry><link rel="up" href="/meter/{number}/IntervalBlock"/><content><IntervalBlock {ESPI}>{readings}'
        "</IntervalBlock></content></entry>"
    )


def feed(*entries: str) -> bytes:
    return f"<feed {ATOM}>{''.join(entries)}</feed>".encode()


def values(data: bytes) -> list[float]:
    return [row.value for row in read_series(data, "f", LOAD, Reading()).rows]


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidData) as caught:
        read_series(data, "f", LOAD, Reading())
    return str(InputErrors("f", caught.value.problems))


def test_of_several_meters_the_one_of_delivered_electricity_is_read() -> None:
    fed_in = block(2, ((1_672_560_000, 7), (1_672_563_600, 8)))
    given = feed(reading_type(1), reading_type(2, flow="19"), meter(1), meter(2), fed_in, block(1))
    assert values(given) == [450, 610]


def test_two_meters_of_delivered_electricity_are_too_many() -> None:
    given = feed(reading_type(1), reading_type(2), meter(1), meter(2), block(1), block(2))
    assert refusal(given) == (
        "f: has several meter readings, of which 2 are of delivered electricity; export one of them"
    )


def test_values_are_multiplied() -> None:
    assert values(feed(reading_type(1, power="-3"), block(1))) == [pytest.approx(0.45), pytest.approx(0.61)]
    assert values(feed(reading_type(1, power="3"), block(1))) == [450_000, 610_000]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (feed(reading_type(1, uom="169"), block(1)), 'f: ReadingType.uom: "169": must be 72 (Wh) or 38 (W); export'),
        (feed(block(1)), "f: ReadingType.uom: absent: must be 72 (Wh) or 38 (W); export electricity"),
        (feed(reading_type(1, power="--3"), block(1)), 'f: ReadingType.powerOfTenMultiplier: "--3": must be a whole'),
        (feed(reading_type(1, power="40"), block(1)), 'f: ReadingType.powerOfTenMultiplier: "40": must be a whole'),
        (
            feed(reading_type(1), block(1, (("soon", 1),))),
            'f: IntervalReading: "soon, 1": must have a start in seconds',
        ),
        (feed(reading_type(1), block(1, ((10**30, 1),))), "must have a start in seconds since 1970 and a whole value"),
        (feed(reading_type(1), block(1, ((1_672_560_000, "1.5"),))), "must have a start in seconds since 1970 and a"),
    ],
)
def test_what_is_refused(given: bytes, said: str) -> None:
    assert said in refusal(given)
