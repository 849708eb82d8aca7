"""What a URDB rate is refused for, word for word."""

from __future__ import annotations

import pytest
from urdb_rates import ALWAYS, FLAT, WINDOW, by_hours, rate, refusals

from optimizer.files.errors import InputErrors
from optimizer.tariffs.urdb.import_urdb import UrdbOptions, import_urdb

# Refused by name


def test_tiers_of_a_unit_that_is_none() -> None:
    assert refusals(rate(energyratestructure=[[{"rate": 0.1, "unit": "therm"}]])) == [
        'f: energyratestructure[0][0].unit: "therm": cannot be billed: tiers by anything but kWh, kWh/kW, kWh daily or '
        "kWh/kW daily; choose another rate"
    ]


def test_thresholds_of_two_units() -> None:
    mixed = [{"rate": 0.1, "max": 900, "unit": "kWh"}, {"rate": 0.1, "max": 200, "unit": "kWh/kW"}, {"rate": 0.1}]
    assert refusals(rate(energyratestructure=[mixed])) == [
        'f: energyratestructure[0][1].unit: "kWh/kW": cannot be billed: thresholds in other units than the first of '
        "the period; the format does not say how they add up; choose another rate"
    ]


def test_demand_by_anything_but_kw() -> None:
    line = '"kWh": cannot be billed: only demand in kW, kVA or hp, by the month or the day; choose another rate'
    both = rate(**FLAT, **WINDOW, flatdemandunit="kWh", demandrateunit="kWh")
    assert refusals(both) == [f"f: flatdemandunit: {line}", f"f: demandrateunit: {line}"]


REFUSED = [
    (rate(**FLAT, flatdemandunit="kVA"), 'flatdemandunit: "kVA": cannot be billed from kW alone; '
     "give --power-factor, that of the station's load"),
    (rate(**FLAT, flatdemandunit="hp"), 'flatdemandunit: "hp": cannot be billed from kW alone; '
     "give --kw-per-hp: the kW that the utility takes for a horsepower"),
    (rate(coincidentratestructure=[[{"rate": 2}]]),
     'coincidentratestructure: [[{"rate":2}]]: cannot be billed: a charge '
     "on the demand at the hour of the system's peak, which the file does not name; "
     "take it out and bill it by hand once the hours are known"),
    (rate(**FLAT, lookbackpercent=0.8, lookbackrange=6, lookbackmonths=[True] * 12),
     "lookbackrange: 6: must not be given "
     "beside lookbackmonths: months looked back at are told either way; keep the one that is right"),
    (rate(**FLAT, lookbackpercent=0.8), "lookbackpercent: 0.8: says not which months are looked back at; "
     "add lookbackmonths or lookbackrange"),
    (rate(**FLAT, lookbackpercent=0.8, lookbackrange=40), "lookbackrange: 40: must be a whole number of months, "
     "from 1 to 36; correct the value"),
    (rate(**FLAT, lookbackpercent=0.8, lookbackmonths=[True]), "lookbackmonths: [true]: must be 12 booleans; "
     "correct the value"),
    (rate(**FLAT, lookbackpercent=120, lookbackrange=6), "lookbackpercent: 120: must be a share from 0 to 1 or a "
     "percentage up to 100; correct the value"),
    (rate(**FLAT, demandratchetpercentage=[0.8] * 6 + [0.5] * 6), "demandratchetpercentage: "
     "[0.8,0.8,0.8,0.8,0.8,0.8,0.5,0.5,0.5,0.5,0.5,0.5]: cannot be billed: percentages that differ between months, "
     "other than 0 in some; take it out and bill the ratchet by hand"),
    (rate(**FLAT, demandratchetpercentage=[0.8] * 12, lookbackpercent=0.5, lookbackrange=3),
     "lookbackpercent: 0.5: must "
     "not be given beside demandratchetpercentage: two ratchets on one demand; keep the one that is right"),
    (rate(demandratestructure=[[{"rate": 1, "max": 9}, {"rate": 2}], [{"rate": 3}]],
          demandweekdayschedule=by_hours(7, 22), demandweekendschedule=ALWAYS, lookbackpercent=0.5, lookbackrange=3),
     "lookbackpercent: 0.5: cannot be billed: a ratchet on stepped demand rates that differ by month or hour; "
     "take it out and bill the ratchet by hand"),
    (rate(energyweekdayschedule=[[0] * 24] * 11), "energyweekdayschedule: [24,24,24,24,24,24,24,24,24,24,24]: must be "
     "12 lists (January to December) of 24 period numbers (one for each hour); "
     "the value shown is the length of each list"),
    (rate(energyweekendschedule=[[0] * 23] + [[0] * 24] * 11), "energyweekendschedule: "
     "[23,24,24,24,24,24,24,24,24,24,24,24]: must be 12 lists (January to December) of 24 period numbers (one for each "
     "hour); the value shown is the length of each list"),
    (rate(energyweekendschedule=None), "energyweekendschedule: absent: must be given; choose a rate that has it"),
    (rate(energyweekdayschedule=by_hours(7, 8, 3)), "energyweekdayschedule[0][7]: 3: must be the number of a period, "
     "from 0 to 0; correct the value"),
    (rate(energyweekdayschedule=by_hours(7, 8, 0.5)),
     "energyweekdayschedule[0][7]: 0.5: must be the number of a period, "
     "from 0 to 0; correct the value"),
    (rate(energyratestructure=None), "energyratestructure: absent: must be given; choose a rate that has it"),
    (rate(energyratestructure=[]), "energyratestructure: []: must have at least one period; correct the value"),
    (rate(energyratestructure=[[]]), "energyratestructure[0]: []: must have at least one tier; correct the value"),
    (rate(energyratestructure=[[5]]), "energyratestructure[0][0]: 5: must be an object; correct the value"),
    (rate(energyratestructure=5), "energyratestructure: 5: must be a list; correct the value"),
    (rate(energyratestructure=[[{"unit": "kWh"}]]), "energyratestructure[0][0].rate: absent: must be given; "
     "write 0 where nothing is charged"),
    (rate(energyratestructure=[[{"rate": "0.1"}]]), 'energyratestructure[0][0].rate: "0.1": must be a number; '
     "correct the value"),
    (rate(energyratestructure=[[{"rate": 1, "max": 9}, {"rate": 2, "max": 5}]]),
     "energyratestructure[0][1].max: 5: must be above 9 and have a limit; correct the value"),
    (rate(energyratestructure=[[{"rate": 1, "max": 9}, {"rate": 2, "max": 9}, {"rate": 3}]]),
     "energyratestructure[0][1].max: 9: must be above 9 and have a limit; correct the value"),
    (rate(energyratestructure=[[{"rate": 1}, {"rate": 2}]]),
     "energyratestructure[0][0].max: absent: must be above 0 and "
     "have a limit; correct the value"),
    (rate(fueladjustmentsmonthly=[0.1] * 11), 'fueladjustmentsmonthly: "11 values": must have a value for each of the '
     "12 months; correct the value"),
    (rate(**FLAT, demandwindow=0), "demandwindow: 0: must be whole minutes, from 1 to 1440; correct the value"),
    (rate(flatdemandstructure=[[{"rate": 2}]]), "flatdemandmonths: absent: must be given; choose a rate that has it"),
    (rate(fixedchargefirstmeter=5), "fixedchargeunits: absent: must be given beside the charge; "
     "one of $/day, $/month, $/year"),
    (rate(fixedchargefirstmeter=5, fixedchargeunits="$/week"), 'fixedchargeunits: "$/week": must be one of $/day, '
     "$/month, $/year here; bill the charge by hand"),
    (rate(mincharge=5, minchargeunits="$/day"), 'minchargeunits: "$/day": must be one of $/month, $/year here; '
     "bill the charge by hand"),
    (rate(fixedmonthlycharge=5, fixedchargefirstmeter=6, fixedchargeunits="$/month"),
     "fixedchargefirstmeter: 6: is given "
     "beside an older key that says another thing (fixedmonthlycharge); keep the one that is right"),
    ([], "holds no rates; a URDB file is one rate, or an object whose key items lists rates"),
    ({"items": []}, "holds no rates; a URDB file is one rate, or an object whose key items lists rates"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "message"), REFUSED, ids=[message.split(":")[0] for _, message in REFUSED])
def test_what_cannot_be_billed_or_read(raw: object, message: str) -> None:
    assert refusals(raw) == [f"f: {message}"]


def test_everything_is_told_at_once() -> None:
    raw = rate(
        energyweekdayschedule=[], fueladjustmentsmonthly=[1], mincharge=1, coincidentratestructure=[[{"rate": 1}]]
    )
    assert [line.split(": ")[1] for line in refusals(raw)] == [
        "energyweekdayschedule", "fueladjustmentsmonthly", "minchargeunits", "coincidentratestructure",
    ]  # fmt: skip


def test_text_that_is_no_json() -> None:
    with pytest.raises(InputErrors) as caught:
        import_urdb(b'{"items": [}', "f", UrdbOptions())
    assert str(caught.value).startswith('f: line 1, column 12: "}": is not JSON: ')
    with pytest.raises(InputErrors) as caught:
        import_urdb(b'{"label": "a", "label": "b"}', "f", UrdbOptions())
    assert str(caught.value) == 'f: label: "b": appears more than once in its object; keep one of them'
