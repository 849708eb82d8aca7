"""The tables of who comes: swaps that were logged, swaps that are expected, and drivers who are known."""

from __future__ import annotations

from optimizer.imports.columns import column as kinds
from optimizer.imports.columns.column import REQUIRED, OwnColumn, OwnTable
from optimizer.imports.columns.places import SOC_WORDS, STATION_WORDS, TYPE_WORDS

TIME_WORDS = (
    "timestamp",
    "datetime",
    "date_time",
    "start",
    "swap_time",
    "swapped_at",
    "created_at",
    "at",
    "zeit",
    "zeitpunkt",
    "zeitstempel",
    "datum",
    "date",
    "datum_uhrzeit",
    "wechselzeit",
    "beginn",
    "von",
    "时间",
    "换电时间",
    "日期",
)
RETURNED_WORDS = (
    "soc",
    "soc_in",
    "soc_returned",
    "returned_charge",
    "rueckgabe_soc",
    "soc_rueckgabe",
    "ladestand_rueckgabe",
    "ankunft_soc",
    "arrival_soc",
    "归还电量",
    "换下电量",
    *SOC_WORDS,
)
LOST_WORDS = ("kosten_verlorener_fahrer", "verlustkosten", "ausfallkosten", "损失成本")
STATION = OwnColumn("station", kinds.TEXT, "", "the only station", "where the driver comes", "koeln-ost", STATION_WORDS)
TYPE = OwnColumn("type", kinds.TEXT, "", "the only type", "pack type asked for", "nmc-75", TYPE_WORDS)
RETURNED = OwnColumn(
    "returned_soc",
    kinds.SHARE,
    "share",
    REQUIRED,
    "state of charge of the pack that comes back",
    "0.22",
    RETURNED_WORDS,
)
LOST = OwnColumn(
    "lost_cost",
    kinds.NUMBER,
    "currency",
    "that of the station",
    "what it costs not to serve the driver",
    "60",
    LOST_WORDS,
)
SWAP_SOC = OwnColumn(
    "swap_soc", kinds.SHARE, "share", "that of the type", "least state of charge for these drivers", "0.8", ()
)

RETURNED_OF_LOG = OwnColumn(
    "returned_soc",
    kinds.SHARE,
    "share",
    "as of the station's other swaps",
    "state of charge of the pack that came back",
    "0.22",
    RETURNED_WORDS,
)

SWAPS = OwnTable(
    "swaps",
    "a swap that happened",
    (
        OwnColumn("time", kinds.STAMP, "", REQUIRED, "when it happened", "2026-11-02 08:12", TIME_WORDS),
        STATION,
        TYPE,
        RETURNED_OF_LOG,
    ),
)

EXPECTED = OwnTable(
    "expected",
    "a station's (and type's) swaps that are expected in a stretch of time",
    (
        OwnColumn(
            "time",
            kinds.STAMP,
            "",
            "hour",
            "when the stretch begins; it lasts until the next row",
            "2026-11-30 08:00",
            TIME_WORDS,
        ),
        OwnColumn(
            "hour",
            kinds.HOUR,
            "",
            "time",
            "in place of time: the local hour of every day, 0 to 23",
            "8",
            ("hour_of_day", "stunde", "uhrzeit", "小时"),
        ),
        STATION,
        TYPE,
        OwnColumn(
            "expected",
            kinds.NUMBER,
            "swaps",
            REQUIRED,
            "how many swaps are expected in it",
            "2.5",
            (
                "expected_swaps",
                "swaps",
                "wechsel",
                "erwartete_wechsel",
                "erwartet",
                "fahrer",
                "count",
                "anzahl",
                "预计换电次数",
                "换电次数",
            ),
        ),
        RETURNED,
        LOST,
        SWAP_SOC,
        OwnColumn(
            "day_sd", kinds.SHARE, "share", "0", "how far days spread: standard deviation of a day's factor", "0.15", ()
        ),
        OwnColumn("dispersion", kinds.NUMBER, "", "1", "variance over mean of a slot's drivers; 1: Poisson", "1.3", ()),
    ),
)

RESERVATIONS = OwnTable(
    "reservations",
    "a driver who is known",
    (
        OwnColumn("time", kinds.STAMP, "", REQUIRED, "when the driver comes", "2026-11-30 08:12", TIME_WORDS),
        STATION,
        TYPE,
        RETURNED,
        LOST,
        SWAP_SOC,
        OwnColumn(
            "driver",
            kinds.TEXT,
            "",
            "swap-1, swap-2 …",
            "name of the reservation, once in a station",
            "linie 7",
            ("reservation", "reservation_id", "booking", "buchung", "fahrer", "reservierung", "预约编号"),
        ),
        OwnColumn(
            "pack", kinds.TEXT, "", "any", "the very pack that this driver must get", "P0017", ("pack_id", "akku_id")
        ),
        OwnColumn(
            "packs",
            kinds.WHOLE,
            "packs",
            "1",
            "how many are taken and returned at once, all or none",
            "3",
            ("anzahl_akkus", "pack_count"),
        ),
        OwnColumn(
            "must_serve",
            kinds.FLAG,
            "",
            "no",
            "yes: lost only where no plan can serve it",
            "yes",
            ("pflicht", "muss", "必须"),
        ),
    ),
)
