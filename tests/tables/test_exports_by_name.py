"""Layouts by the names of those who export them: first values and unit of each. Texts are made after real ones."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from paths import DATA, INSTANCES

from optimizer.tables.read_series import read_series
from optimizer.tables.reading import Reading
from optimizer.tables.unit_words import LOAD, PRICE


class Export(NamedTuple):
    """A file of a layout, and what it says: the first and second instant, the first value, the unit."""

    what: str
    zone: str
    text: str
    first: str
    second: str
    value: float
    unit: str | None
    column: str | None = None


EXPORTS = {
    'SDG&E': Export(
        LOAD, 'America/Los_Angeles',
        'Name,JOHN\n'
        'Address,1 ST\n'
        'Account Number,00\n'
        'Disclaimer,"The info, blah"\n'
        'Title,Electric Usage\n'
        'Resource,electric\n'
        'Meter Number,123\n'
        'Interval,15\n'
        'Reading Start,1/25/2024\n'
        'Reading End,2/1/2024\n'
        'Total Duration,7\n'
        'Total Usage,112.3\n'
        'UOM,kWh\n'
        '\n'
        'Meter Number,Date,Start Time,Duration,Consumption,Generation,Net\n'
        '"05765567","1/25/2024","12:00 AM","15","0.1500","0.0000","0.1500"\n'
        '"05765567","1/25/2024","12:15 AM","15","0.1700","0.0000","0.1700"\n'
        '"05765567","1/25/2024","12:30 AM","15","0.1700","0.0000","0.1700"\n',
        '2024-01-25T00:00-08:00', '2024-01-25T00:15-08:00', 0.15, 'kWh'),
    'Opower, units in a column': Export(
        LOAD, 'America/New_York',
        'Name,X\n'
        'Address,Y\n'
        'Account Number,1\n'
        'Service,Service 1\n'
        '\n'
        'TYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES\n'
        'Electric usage,2023-01-01,00:00,00:14,0.13,kWh,$0.03,\n'
        'Electric usage,2023-01-01,00:15,00:29,0.14,kWh,$0.03,\n',
        '2023-01-01T00:00-05:00', '2023-01-01T00:15-05:00', 0.13, 'kWh'),
    'Wiener Netze': Export(
        LOAD, 'Europe/Vienna',
        'Datum;Zeit von;Zeit bis;Verbrauch [kWh]\n'
        '01.01.2023;00:00:00;00:15:00;0,123\n'
        '01.01.2023;00:15:00;00:30:00;0,111\n'
        '01.01.2023;23:45:00;00:00:00;0,1\n',
        '2023-01-01T00:00+01:00', '2023-01-01T00:15+01:00', 0.123, 'kWh'),
    'Datadis': Export(
        LOAD, 'Europe/Madrid',
        'cups;fecha;hora;consumo_kWh;metodoObtencion\n'
        'ES00;2023/01/01;01:00;0,123;Real\n'
        'ES00;2023/01/01;02:00;0,111;Real\n'
        'ES00;2023/01/01;24:00;0,2;Real\n',
        '2023-01-01T00:00+01:00', '2023-01-01T01:00+01:00', 0.123, 'kWh'),
    'Eloverblik': Export(
        LOAD, 'Europe/Copenhagen',
        'MålepunktsID;Fra_dato;Til_dato;Mængde;Måleenhed;Kvalitet;Type\n'
        '571313;01-01-2023 00:00:00;01-01-2023 01:00:00;0,32;KWH;Målt;Tidsserie\n'
        '571313;01-01-2023 01:00:00;01-01-2023 02:00:00;0,33;KWH;Målt;Tidsserie\n'
        '571313;02-01-2023 01:00:00;02-01-2023 02:00:00;0,33;KWH;Målt;Tidsserie\n',
        '2023-01-01T00:00+01:00', '2023-01-01T01:00+01:00', 0.32, 'kWh'),
    'Fingrid Datahub': Export(
        LOAD, 'Europe/Helsinki',
        'MeteringPointGSRN;Product Type;Resolution;Unit Type;Reading Type;Start Time;Quantity;Quality\n'
        '643007;8716867000030;PT1H;kWh;BN01;2023-01-01T22:00:00Z;0,710000;OK\n'
        '643007;8716867000030;PT1H;kWh;BN01;2023-01-01T23:00:00Z;1,710000;OK\n',
        '2023-01-01T22:00+00:00', '2023-01-01T23:00+00:00', 0.71, 'kWh'),
    'Octopus consumption': Export(
        LOAD, 'Europe/London',
        'Consumption (kwh), Start, End\n'
        '0.054, 2021-01-01T00:00:00+00:00, 2021-01-01T00:30:00+00:00\n'
        '0.05, 2021-01-01T00:30:00+00:00, 2021-01-01T01:00:00+00:00\n',
        '2021-01-01T00:00+00:00', '2021-01-01T00:30+00:00', 0.054, 'kWh'),
    'Enedis': Export(
        LOAD, 'Europe/Paris',
        'Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Unite;Pas en minutes\n'
        '123;Courbe de charge;01/01/2023;02/01/2023;Energie active;W;30\n'
        'Horodate;Valeur\n'
        '2023-01-01T00:30:00+01:00;1234\n'
        '2023-01-01T01:00:00+01:00;1134\n'
        '2023-01-01T01:30:00+01:00;1134\n',
        '2023-01-01T00:00+01:00', '2023-01-01T00:30+01:00', 1234.0, 'W'),
    'ComStock': Export(
        LOAD, 'America/Denver',
        'timestamp,out.electricity.total.energy_consumption..kwh\n'
        '2018-01-01 00:15:00,12.1\n'
        '2018-01-01 00:30:00,12.2\n',
        '2018-01-01T00:15-07:00', '2018-01-01T00:30-07:00', 12.1, 'kWh'),
    'SMARD': Export(
        PRICE, 'Europe/Berlin',
        'Start date;End date;Germany/Luxembourg [€/MWh] Original resolutions;Belgium [€/MWh] Original resolutions\n'
        'Jan 1, 2023 12:00 AM;Jan 1, 2023 1:00 AM;-5.17;1,234.5\n'
        'Jan 1, 2023 1:00 AM;Jan 1, 2023 2:00 AM;-1.07;-1.8\n',
        '2023-01-01T00:00+01:00', '2023-01-01T01:00+01:00', -5.17, 'per_MWh',
        'Germany/Luxembourg [€/MWh] Original resolutions'),
    'Nord Pool': Export(
        PRICE, 'Europe/Oslo',
        'Date;Hours;SYS;SE1;SE2;SE3\n'
        '01-01-2022;00 - 01;129,36;46,60;46,60;46,60\n'
        '01-01-2022;01 - 02;122,61;41,33;41,33;41,33\n',
        '2022-01-01T00:00+01:00', '2022-01-01T01:00+01:00', 46.6, None, 'SE3'),
    'Energi Data Service': Export(
        PRICE, 'Europe/Copenhagen',
        'HourUTC;HourDK;PriceArea;SpotPriceDKK;SpotPriceEUR\n'
        '2023-01-02 22:00:00;2023-01-02 23:00:00;DK1;14,949;2,01\n'
        '2023-01-02 21:00:00;2023-01-02 22:00:00;DK1;24,949;3,01\n',
        '2023-01-02T21:00+00:00', '2023-01-02T22:00+00:00', 3.01, None, 'SpotPriceEUR'),
    'Ember': Export(
        PRICE, 'Europe/Vienna',
        'Country,ISO3 Code,Datetime (UTC),Datetime (Local),Price (EUR/MWhe)\n'
        'Austria,AUT,2015-01-01 00:00:00,2015-01-01 01:00:00,17.93\n'
        'Austria,AUT,2015-01-01 01:00:00,2015-01-01 02:00:00,15.17\n',
        '2015-01-01T00:00+00:00', '2015-01-01T01:00+00:00', 17.93, 'per_MWh'),
    'NYISO': Export(
        PRICE, 'America/New_York',
        '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)","Congestion ($/MWHr)"\n'
        '"01/13/2024 00:00","CAPITL",61757,30.5,1.2,-3.1\n'
        '"01/13/2024 01:00","CAPITL",61757,29.5,1.2,-3.1\n',
        '2024-01-13T00:00-05:00', '2024-01-13T01:00-05:00', 30.5, 'per_MWh'),
    'ERCOT': Export(
        PRICE, 'America/Chicago',
        'DeliveryDate,HourEnding,BusName,LMP,DSTFlag\n'
        '01/13/2024,01:00,HB_X,22.5,N\n'
        '01/13/2024,02:00,HB_X,22.9,N\n'
        '01/13/2024,24:00,HB_X,22.9,N\n',
        '2024-01-13T00:00-06:00', '2024-01-13T01:00-06:00', 22.5, None),
    'PJM': Export(
        PRICE, 'America/New_York',
        'datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_da,total_lmp_da\n'
        '1/13/2024 5:00:00 AM,1/13/2024 12:00:00 AM,1,PJM-RTO,,,ZONE,,25.1,25.1\n'
        '1/13/2024 6:00:00 AM,1/13/2024 1:00:00 AM,1,PJM-RTO,,,ZONE,,24.1,24.1\n',
        '2024-01-13T05:00+00:00', '2024-01-13T06:00+00:00', 25.1, None, 'total_lmp_da'),
    'CAISO': Export(
        PRICE, 'America/Los_Angeles',
        'INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE,LMP_TYPE,MARKET_RUN_ID,MW,GRP_TYPE\n'
        '2024-01-13T08:00:00-00:00,2024-01-13T09:00:00-00:00,2024-01-13,1,0,TH_NP15,LMP,DAM,55.1,ALL\n'
        '2024-01-13T09:00:00-00:00,2024-01-13T10:00:00-00:00,2024-01-13,2,0,TH_NP15,LMP,DAM,54.1,ALL\n',
        '2024-01-13T08:00+00:00', '2024-01-13T09:00+00:00', 55.1, None, 'MW'),
    'IESO': Export(
        PRICE, 'America/Toronto',
        '\\\\Hourly Ontario Energy Price,,,\n'
        '\\\\Created at 2024,,\n'
        '\\\\For 2023,,\n'
        'Date,Hour,HOEP,Hour 1 Predispatch\n'
        '2023-01-01,1,0.00,1\n'
        '2023-01-01,2,1.25,2\n'
        '2023-01-01,24,0.00,3\n',
        '2023-01-01T00:00-05:00', '2023-01-01T01:00-05:00', 0.0, None),
    'Elexon': Export(
        PRICE, 'Europe/London',
        'SettlementDate,SettlementPeriod,Price,Volume\n'
        '2024-01-01,1,40.2,10\n'
        '2024-01-01,2,41.2,10\n'
        '2024-01-01,48,41.2,10\n',
        '2024-01-01T00:00+00:00', '2024-01-01T00:30+00:00', 40.2, None, 'Price'),
    'Octopus Agile, no names': Export(
        PRICE, 'Europe/London',
        '2020-01-01T00:00:00Z,00:00,A,Eastern England,8.337\n'
        '2020-01-01T00:30:00Z,00:30,A,Eastern England,8.5\n',
        '2020-01-01T00:00+00:00', '2020-01-01T00:30+00:00', 8.337, None),
    'NSRDB': Export(
        LOAD, 'America/Denver',
        'Year,Month,Day,Hour,Minute,kW\n'
        '2018,1,1,0,0,5\n'
        '2018,1,1,0,30,6\n',
        '2018-01-01T00:00-07:00', '2018-01-01T00:30-07:00', 5.0, 'kW'),
    'energy-charts JSON': Export(
        PRICE, 'Europe/Berlin',
        '{"license_info":"x","unix_seconds":[1704063600,1704067200],"price":[0.1,0.02],"unit":"EUR / MWh"}',
        '2023-12-31T23:00+00:00', '2024-01-01T00:00+00:00', 0.1, 'per_MWh'),
    'aWATTar JSON': Export(
        PRICE, 'Europe/Vienna',
        '{"object":"list","data":[{"start_timestamp":1428591600000,"end_timestamp":1428595200000,"marketprice":42.09,"unit":"Eur/MWh"},{"start_timestamp":1428595200000,"end_timestamp":1428598800000,"marketprice":45.1,"unit":"Eur/MWh"}],"url":"/x"}',
        '2015-04-09T15:00+00:00', '2015-04-09T16:00+00:00', 42.09, 'per_MWh'),
    'Octopus Agile JSON': Export(
        PRICE, 'Europe/London',
        '{"count":2,"next":null,"results":[{"value_exc_vat":10.0,"value_inc_vat":10.5,"valid_from":"2024-01-01T00:30:00Z","valid_to":"2024-01-01T01:00:00Z","payment_method":null},{"value_exc_vat":11.0,"value_inc_vat":11.55,"valid_from":"2024-01-01T00:00:00Z","valid_to":"2024-01-01T00:30:00Z","payment_method":null}]}',
        '2024-01-01T00:00+00:00', '2024-01-01T00:30+00:00', 11.55, 'ct_per_kWh', 'value_inc_vat'),
    'Octopus consumption JSON': Export(
        LOAD, 'Europe/London',
        '{"count":2,"results":[{"consumption":0.063,"interval_start":"2018-05-19T00:30:00+0100","interval_end":"2018-05-19T01:00:00+0100"},{"consumption":0.071,"interval_start":"2018-05-19T00:00:00+0100","interval_end":"2018-05-19T00:30:00+0100"}]}',
        '2018-05-19T00:00+01:00', '2018-05-19T00:30+01:00', 0.071, 'kWh'),
    'dates of mails': Export(
        LOAD, 'UTC',
        'time,kW\n'
        '"Sun, 01 Jan 2023 00:00:00 GMT",1\n'
        '"Sun, 01 Jan 2023 01:00:00 GMT",2\n',
        '2023-01-01T00:00+00:00', '2023-01-01T01:00+00:00', 1.0, 'kW'),
    'ENTSO-E saved by a spreadsheet': Export(
        PRICE, 'Europe/Brussels',
        'MTU (CET/CEST);Area;Sequence;Day-ahead Price (EUR/MWh)\n'
        '26/10/2025 02:00:00 (CEST) - 26/10/2025 02:00:00 (CET);BZN|NL;Without Sequence;85,30\n'
        '26/10/2025 02:00:00 (CET) - 26/10/2025 03:00:00;BZN|NL;Without Sequence;1,5\n'
        '26/10/2025 03:00:00 - 26/10/2025 04:00:00;BZN|NL;Without Sequence;-\n',
        '2025-10-26T02:00+02:00', '2025-10-26T02:00+01:00', 85.3, 'per_MWh'),
    'commas at thousands': Export(
        LOAD, 'America/New_York',
        'Date/Time,Demand (kW)\n'
        '1/13/2023 0:00,"1,234"\n'
        '1/13/2023 0:15,"999"\n'
        '1/13/2023 0:30,"1,010.5"\n',
        '2023-01-13T00:00-05:00', '2023-01-13T00:15-05:00', 1234.0, 'kW'),
    'Swiss apostrophes': Export(
        LOAD, 'Europe/Zurich',
        'Zeitstempel;Wirkenergie [kWh]\n'
        "01.01.2023 00:00;1'234.5\n"
        '01.01.2023 00:15;999.1\n',
        '2023-01-01T00:00+01:00', '2023-01-01T00:15+01:00', 1234.5, 'kWh'),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export(name: str) -> None:
    export = EXPORTS[name]
    how: dict[str, Any] = {"value_column": export.column} if export.column else {}
    found = read_series(export.text.encode(), "f", export.what, Reading(ZoneInfo(export.zone), **how))
    first, second = found.rows[:2]
    read = (first.at.isoformat(timespec="minutes"), second.at.isoformat(timespec="minutes"), first.value)
    assert read == (export.first, export.second, export.value)
    assert (found.unit.name if found.unit else None) == export.unit


WITNESSES = {
    "PG&E and other Opower utilities (Green Button CSV)": ("load-pge.csv", "Opower, units in a column"),
    "Southern California Edison": ("load-sce.csv",),
    "SDG&E": ("SDG&E",),
    "Green Button XML (ESPI)": ("load-greenbutton.xml",),
    "Linz Netz": ("load-linzag.csv",),
    "Wiener Netze and other Austrian and German grid operators": ("Wiener Netze", "load-latin1.csv"),
    "Datadis": ("Datadis",),
    "Eloverblik": ("Eloverblik",),
    "Fingrid": ("Fingrid Datahub",),
    "Enedis": ("Enedis",),
    "Octopus (CSV, JSON)": ("Octopus consumption", "Octopus consumption JSON", "Octopus Agile JSON"),
    "SAM and ComStock (8,760 values without stamps)": ("load-8760-no-stamps.csv", "ComStock"),
    "NSRDB": ("NSRDB",),
    "ENTSO-E (both platforms)": ("ENTSO-E saved by a spreadsheet",),
    "energy-charts (CSV, JSON)": ("prices-energy-charts.csv", "energy-charts JSON"),
    "aWATTar (CSV, JSON)": ("prices-awattar.csv", "aWATTar JSON"),
    "SMARD": ("SMARD",),
    "EPEX (a row a day)": ("prices-epex-wide.csv",),
    "Nord Pool": ("Nord Pool",),
    "Energi Data Service": ("Energi Data Service",),
    "Ember": ("Ember",),
    "OMIE": ("prices-omie-naive.csv",),
    "AEMO (5 minutes)": ("prices-aemo-5min.csv",),
    **{name: (name,) for name in ("NYISO", "ERCOT", "PJM", "CAISO", "IESO", "Elexon")},
}


def test_the_document_names_the_layouts_that_are_tried() -> None:
    text = " ".join((INSTANCES / "README.md").read_text(encoding="utf-8").split())
    listed = text.partition("Layouts by name, each in `tests/tables`: ")[2].partition(". In `tests/imports`")[0]
    names = re.split(r"[,;] (?![^()]*\))", listed)
    assert sorted(names) == sorted(WITNESSES)
    files = {path.name for path in (DATA / "tables").iterdir()}
    assert all(one in EXPORTS or one in files for witnesses in WITNESSES.values() for one in witnesses)
