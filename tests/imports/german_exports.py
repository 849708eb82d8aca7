"""Exports of forty German stations, as their systems write them: semicolons, decimal commas, Windows-1252, local time.

Not a test file itself. The same call gives the same bytes.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

CITIES = ("Köln", "Düsseldorf", "Münster", "Görlitz", "Fürth", "Lübeck", "Bad Tölz", "Nürnberg")
DAYS, FIRST = 21, date(2025, 11, 3)  # a Monday
PACKS, BAYS = 13, 14
MAPPING = """\
zone = "Europe/Berlin"
currency = "EUR"

[stations.columns]
bays = "Anzahl Fächer"
grid_limit_kw = "Netzanschluss (kW)"

[stations.defaults]
efficiency = 0.94
lost_cost = 60

[packs.columns]
usable = "Status"

[packs.values.usable]
"in Betrieb" = "yes"
"Quarantäne" = "no"

[values.type]
"NMC 75" = "nmc-75"

[types.defaults]
capacity_kwh = 75
target_soc = 0.9
"""


def names(stations: int = 40) -> list[str]:
    """The stations' names."""
    return [f"{CITIES[n % len(CITIES)]} {n // len(CITIES) + 1}" for n in range(stations)]


def _text(lines: list[list[str]]) -> bytes:
    return "".join(";".join(line) + "\r\n" for line in lines).encode("cp1252")


def _comma(value: float, digits: int = 1) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def stations_csv(stations: int = 40) -> bytes:
    """A row a station."""
    lines = [
        ["Standort", "Anzahl Fächer", "Lader", "Ladeleistung (kW)", "Netzanschluss (kW)", "Grundlast [W]", "Adresse"]
    ]
    for n, name in enumerate(names(stations)):
        grid = 400 + 20 * (n % 6)
        lines.append([name, str(BAYS), "10", _comma(62.5), _comma(grid), str(6500 + 250 * (n % 4)), f"Straße {n + 1}"])
    return _text(lines)


def packs_csv(stations: int = 40) -> bytes:
    """A row a pack, with its state of charge in per cent."""
    random, lines = Random("packs"), [["Standort", "Fach", "Akku-ID", "Batterietyp", "SoC [%]", "Temperatur", "Status"]]
    for n, name in enumerate(names(stations)):
        for bay in range(1, PACKS + 1):
            state = "Quarantäne" if (n, bay) == (3, 7) else "in Betrieb"
            soc = _comma(30 + 60 * random.random())
            lines.append(
                [name, f"F{bay:02d}", f"A{n:02d}{bay:02d}", "NMC 75", soc, _comma(9 + 8 * random.random()), state]
            )
    return _text(lines)


def swaps_csv(stations: int = 40, days: int = DAYS) -> bytes:
    """A row a swap, on the local clock, oldest first."""
    random, rows = Random("swaps"), list[tuple[datetime, str, str]]()
    for name in names(stations):
        for day in range(days):
            for _ in range(18 + random.randrange(8)):
                minute = int(min(max(random.gauss(15 * 60, 4 * 60), 0), 24 * 60 - 1))
                at = datetime(FIRST.year, FIRST.month, FIRST.day) + timedelta(
                    days=day, minutes=minute, seconds=random.randrange(60)
                )
                rows.append((at, name, _comma(15 + 20 * random.random())))
    lines = [["Zeitpunkt", "Standort", "Rückgabe-SoC (%)"]]
    lines += [[f"{at:%d.%m.%Y %H:%M:%S}", name, soc] for at, name, soc in sorted(rows)]
    return _text(lines)


def tariffs_csv() -> bytes:
    """Two price levels and a demand charge."""
    return _text(
        [
            ["Tarif", "Preisstufe", "Arbeitspreis (ct/kWh)", "Leistungspreis", "von", "bis", "Tage"],
            ["Nacht", "HT", "24,8", "", "06:00", "22:00", "Werktag"],
            ["Nacht", "NT", "16,4", "", "", "", ""],
            ["Nacht", "Spitze", "", "9,8", "", "", ""],
        ]
    )


def write(folder: Path, stations: int = 40, days: int = DAYS) -> None:
    """All of them, and the mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stationen.csv").write_bytes(stations_csv(stations))
    (folder / "akkus.csv").write_bytes(packs_csv(stations))
    (folder / "wechsel.csv").write_bytes(swaps_csv(stations, days))
    (folder / "tarife.csv").write_bytes(tariffs_csv())
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
