"""The tariffs that come with the program, each billed against amounts worked out by hand from its source's words.

The load: 100 kW all month, but 200 kW in the quarter of an hour from noon on the 15th. A month of 31 days has 3,100 kWh
for each hour of the day, 25 kWh more for the one from noon; its highest hour has 125 kW, its highest quarter 200 kW.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli import INSTANCES
from cli import run as swapcharge

from models.tariff.bill import Load, bill, cents
from models.tariff.billing_year import Month
from optimizer.formats.tariff_file import TariffFile, read_tariff
from optimizer.tariffs.load_file import month_after, month_start

TARIFFS = INSTANCES / "tariffs"
QUARTER = timedelta(minutes=15)


def month_load(file: TariffFile, month: Month) -> Load:
    at = (month_start(month, file.zone), month_start(month_after(month), file.zone), noon_of(month, file))
    start, end, noon = (one.astimezone(UTC) for one in at)
    kw = [100.0] * ((end - start) // QUARTER)
    kw[(noon - start) // QUARTER] = 200.0
    return Load(start, 15, tuple(kw))


def noon_of(month: Month, file: TariffFile) -> datetime:
    """Local noon of the 15th."""
    return datetime(*month, 15, 12, tzinfo=file.zone)


def amounts(name: str, month: Month) -> dict[str, float]:
    """What each line of the month's bill costs, to the cent."""
    file = read_tariff(TARIFFS / f"{name}.json")
    found: Counter[str] = Counter()
    for line in bill(file.tariff, month_load(file, month), file.zone):
        found[line.name] += line.amount
    return {line: cents(amount) for line, amount in found.items() if amount}


ZHEJIANG = {"deep valley": 6_225 * 0.14, "sharp": 6_200 * 1.435, "peak": 13_950 * 1.295, "valley": 29_450 * 0.28,
            "flat": 18_600 * 0.7}  # fmt: skip

BY_HAND: list[tuple[str, Month, dict[str, float]]] = [
    # 8 hours a day of each; noon is at the peak
    ("cn-beijing-ev-2016", (2026, 7), {"peak": 24_825 * 1.0044, "flat": 24_800 * 0.695, "valley": 24_800 * 0.3946}),
    # sharp 3 hours, peak 7 - 3, valley 8, the rest 9 with noon; from October no sharp hours
    ("cn-guangdong-2021-ratios", (2026, 7), {"sharp": 9_300 * 2.125, "peak": 12_400 * 1.7, "valley": 24_800 * 0.38,
                                             "flat": 27_925}),
    ("cn-guangdong-2021-ratios", (2026, 10), {"peak": 21_700 * 1.7, "valley": 24_800 * 0.38, "flat": 27_925}),
    # sharp 1 + 2 hours of the 3 + 5 at the peak
    ("cn-shandong-2016-ratios", (2026, 7), {"sharp": 9_300 * 1.7, "peak": 15_500 * 1.5, "valley": 24_800 * 0.5,
                                            "flat": 24_825}),
    ("cn-shandong-2016-ratios", (2026, 10), {"peak": 24_800 * 1.5, "valley": 24_800 * 0.5, "flat": 24_825}),
    ("tw-taipower-ev-2022", (2022, 7), {"summer peak": 18_600 * 8.35, "summer off-peak": 55_825 * 2.05,
                                        "connection": 262.5, "contract of 100 kW, summer": 100 * 47.2}),
    ("tw-taipower-ev-2022", (2022, 10), {"peak": 18_600 * 8.13, "off-peak": 55_825 * 1.95, "connection": 262.5,
                                        "contract of 100 kW": 100 * 34.6}),
    ("in-telangana-ht-2018", (2018, 12), {"peak": 24_800 * 7, "night": 24_800 * 5, "day": 24_825 * 6}),
    ("in-delhi-lt-2020", (2020, 10), {"always": 74_425 * 4.5}),
    ("de-malchow-mv-2025", (2025, 1), {"network and levies": 4_391.82, "monthly power price": 200 * 19.85}),
    # 74,425 kWh in 31 of 365 days are 4,381 hours of use of 200 kW: the class from 2,500 hours on
    ("de-malchow-mv-yearly-2025", (2025, 1), {"network and levies": 7_301.84,
                                              "yearly power price": 200 * 119.08 / 12 - 74_425 * 0.0391}),
    # low 3 hours, high 2, standard 19 with noon; July has the standard price only
    ("de-wanfried-module-3-2025", (2026, 1), {"low": 758.04, "high": 963.54, "standard": 7_849.40, "module 1": -10.99}),
    # 26 October 2025 has the hour from 2 to 3 twice: 3 hours low on 30 days, 4 on that one
    ("de-wanfried-module-3-2025", (2025, 10), {"low": 9_400 * 0.08151, "high": 6_200 * 0.15541,
                                               "standard": 58_925 * 0.13321, "module 1": -10.99}),
    ("de-wanfried-module-3-2025", (2025, 7), {"standard": 9_914.15, "module 1": -10.99}),
    # low 6 hours, peak 4, high 14 with noon
    ("dk-n1-c-2024", (2024, 1), {"low": 2_047.86, "winter peak": 12_288.40, "winter high": 14_343.28,
                                 "subscription": 18.67}),
    ("dk-n1-c-2024", (2024, 7), {"low": 2_047.86, "summer peak": 5_325.80, "summer high": 7_173.81,
                                 "subscription": 18.67}),
    ("dk-n1-c-2024", (2024, 12), {"December low": 829.56, "December peak": 4_982.32, "December high": 5_814.61,
                                  "subscription": 18.67}),
    # 15 January 2024 is a Monday; in July there are no high-load hours
    ("se-sundsvall-hv-2024", (2024, 1), {"network and tax": 34_756.48, "month's highest hour": 125 * 21,
                                         "high-load hours": 125 * 66, "network": 2_180, "fees to authorities": 325.33}),
    ("se-sundsvall-hv-2024", (2024, 7), {"network and tax": 34_756.48, "month's highest hour": 125 * 21,
                                         "network": 2_180, "fees to authorities": 325.33}),
    ("no-telemark-2022-11", (2023, 1), {"network and tax": 29_650.92, "month's highest hour": 50 * 62 + 75 * 48,
                                        "network": 1_067}),
    ("nl-grid-mv-2015", (2023, 1), {"network": 692.15, "kW max": 200 * 1.53, "transport and connection": 77.58,
                                    "contracted 500 kW": 581.25}),
    ("gb-agile-2022", (2022, 1), {"peak premium": 9_300 * 0.12}),
    # deep valley 2 hours with noon, sharp 2, peak 6.5 - 2, valley 9.5, flat 6
    ("zhejiang-2026", (2026, 7), ZHEJIANG),
    ("zhejiang-2026-max-demand", (2026, 7), ZHEJIANG | {"maximum demand": 150 * 38}),  # noon's half-hour
    ("zhejiang-2026-declared-demand", (2026, 7), ZHEJIANG | {"declared demand": 400 * 38}),
    ("zhejiang-2026-transformer-capacity", (2026, 7), ZHEJIANG | {"transformer capacity": 630 * 28}),
    # sharp 2 hours on 25 days of the month, of 8 hours at the peak; flat 8 with noon
    ("chengdu-2023", (2023, 8), {"sharp": 5_000 * 0.90432, "peak": 19_800 * 0.7536, "flat": 24_825 * 0.5464,
                                 "valley": 24_800 * 0.2602}),
    ("chengdu-2023", (2023, 10), {"peak": 24_800 * 0.7536, "flat": 24_825 * 0.5464, "valley": 24_800 * 0.2602}),
    # July 2019 has 23 weekdays, the 15th one of them
    ("sce-tou-ev-8", (2019, 7), {"summer on-peak": 11_500 * 0.49619, "summer mid-peak": 4_000 * 0.25563,
                                 "summer off-peak": 58_925 * 0.12597}),
    ("sce-tou-ev-8", (2020, 1), {"winter super-off-peak": 24_825 * 0.07724, "winter mid-peak": 15_500 * 0.297,
                                 "winter off-peak": 34_100 * 0.13568}),
    ("sce-tou-ev-4", (2019, 7), {"summer on-peak": 13_825 * 0.26668, "summer mid-peak": 20_700 * 0.0925,
                                 "summer off-peak": 39_900 * 0.05623, "month": 200 * 15.51}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "month", "by_hand"), BY_HAND, ids=[f"{n} {m[0]}-{m[1]:02}" for n, m, _ in BY_HAND])
def test_a_shipped_tariff_bills_what_its_source_says(name: str, month: Month, by_hand: dict[str, float]) -> None:
    assert amounts(name, month) == {line: cents(amount) for line, amount in by_hand.items()}


@pytest.mark.parametrize(
    ("even_kw", "hours", "rate_per_kw", "per_kwh"), [(10, 2_190, 21.49, 0.09811), (12, 2_628, 119.08, 0.05901)]
)
def test_a_german_year_is_billed_by_its_hours_of_use(
    even_kw: float, hours: int, rate_per_kw: float, per_kwh: float
) -> None:
    """An even load but for a quarter of an hour at 40 kW: the year's kWh for each of these decide on the prices."""
    file = read_tariff(TARIFFS / "de-malchow-mv-yearly-2025.json")
    kw = [even_kw] * (365 * 24 * 4)
    kw[5_000] = 40.0
    kwh = sum(kw) / 4
    assert int(kwh / 40) == hours
    start = month_start((2025, 1), file.zone).astimezone(UTC)
    lines = bill(file.tariff, Load(start, 15, tuple(kw)), file.zone)
    assert sum(line.amount for line in lines) == pytest.approx(40 * rate_per_kw + kwh * per_kwh)


def test_weekends_have_no_high_load_hours() -> None:
    """15 December 2024 is a Sunday: its peak is none of those hours, which have 100 kW."""
    assert amounts("se-sundsvall-hv-2024", (2024, 12))["high-load hours"] == 6_600


def test_the_dutch_dynamic_tariff_is_the_market_with_tax_and_network() -> None:
    """Every kWh costs 0.03942 of tax and 0.0093 of the network more than on the market, whose bill is rounded."""
    market = amounts("nl-day-ahead-2023-01", (2023, 1))["market"]
    found = amounts("nl-dynamic-2023-01", (2023, 1))
    assert found.pop("market") == pytest.approx(market + 74_425 * (0.03942 + 0.0093), abs=0.011)
    assert found == {"kW max": 306.0, "transport and connection": 77.58, "contracted 500 kW": 581.25}


def test_the_market_is_billed_hour_by_hour() -> None:
    """100 kW in all of 744 hours, 25 kWh more from noon on the 15th, 348 hours after the month began."""
    market = read_tariff(TARIFFS / "nl-day-ahead-2023-01.json").tariff.price_series
    assert market
    by_hand = 100 * sum(market.per_kwh) + 25 * market.per_kwh[348]
    assert amounts("nl-day-ahead-2023-01", (2023, 1)) == {"market": cents(by_hand)}


def test_every_shipped_tariff_is_billed_here() -> None:
    """But the one that is billed as PySAM bills it, in test_bill_oracle.py."""
    elsewhere = {"pge-bev-2-s", "nl-day-ahead-2023-01", "nl-dynamic-2023-01"}
    assert {path.stem for path in TARIFFS.glob("*.json")} == {name for name, *_ in BY_HAND} | elsewhere


def test_sources_have_an_address_or_say_what_was_reported_and_when() -> None:
    for name in {name for name, *_ in BY_HAND}:
        told = " ".join(read_tariff(TARIFFS / f"{name}.json").document.tariff.sources.values())
        assert re.search(r"20\d\d", told), name
        assert "http" in told or "reported" in told, name


def test_a_shipped_tariff_is_one_of_a_network(tmp_path: Path) -> None:
    tables = INSTANCES / "tables"
    done = swapcharge(
        "import", "network", "--stations", tables / "stationen.csv", "--packs", tables / "akkus.csv",
        "--swaps", tables / "wechsel.csv", "--tariff", TARIFFS / "de-malchow-mv-2025.json",
        "--mapping", tables / "mapping.toml", "-o", tmp_path / "network.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    network = json.loads((tmp_path / "network.json").read_text())
    assert [tariff["id"] for tariff in network["tariffs"]] == ["de-malchow-mv-2025"]
    assert {station["tariff"] for station in network["stations"]} == {"de-malchow-mv-2025"}
