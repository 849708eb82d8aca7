"""What reaches a terminal: every encoding will do, and no name from a file can move, hide or colour anything."""

import ast
import io
import json
import os
import re
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
import tiny_network
import tiny_study
from cli import COMMAND, ROOT
from click.testing import CliRunner, Result

from optimizer.cli import output
from optimizer.cli.main import main
from optimizer.files.errors import is_seen
from optimizer.summaries import plan_text

ENCODINGS = (
    "ascii", "cp1252", "latin-1", "cp437", "cp850", "cp1251", "koi8-r", "shift_jis", "euc_jp", "gbk", "big5", "utf-8",
    "utf-16",
)  # fmt: skip
FOREIGN = "Köln–Süd 换电站 Łódź 電 €"
HOSTILE = (
    "\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\x9d0;t\x9c", "\x00", "\x08", "\x7f", "\x85", "\r", "\n", "\t", "\u061c",
    "\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\ufeff",
    "\ufff9", "\u00ad", "\u3164", "\u2800", "\u034f", "\U000e0041", "\u206f",
)  # fmt: skip


def _run(folder: Path, line: str, charset: str = "utf-8") -> Result:
    with chdir(folder):
        return CliRunner(charset=charset).invoke(main, line.split(), prog_name="swapcharge")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of two stations with names in many scripts, a run of it, a tariff."""
    return _filled(tmp_path_factory.mktemp("foreign"), FOREIGN)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same where every sign that must not be seen is in every name."""
    return _filled(tmp_path_factory.mktemp("hostile"), f"a{'b'.join(HOSTILE)}c")


def _filled(folder: Path, name: str) -> Path:
    tariff = tiny_study.DEMAND | {"id": f"tariff {name}"}
    tariff["energy_periods"] = [tiny_study.NIGHT | {"name": f"night {name}"}, tiny_study.DAY]
    tariff["demand_charges"] = [tiny_study.PEAK | {"name": f"peak {name}"}]
    stations = [tiny_study.station(f"{n} {name}", tariff=tariff["id"]) for n in (1, 2)]
    day = tiny_study.instance(*stations, name=f"network {name}", currency=f"EUR {name}", tariffs=[tariff])
    alone = {"format": "swapcharge-tariff", "version": 1, "currency": day["currency"], "time_zone": "Europe/Amsterdam"}
    (folder / "night.json").write_text(json.dumps(day))
    (folder / "tariff.json").write_text(json.dumps(alone | {"tariff": tariff}))
    (folder / "one.json").write_text(json.dumps(day | {"stations": stations[:1]}))
    (folder / "wrong.json").write_text(json.dumps(day | {"stations": [stations[0] | {"tariff": name}], name: name}))
    for asked in ("solve night.json -o p.json", *(f"nightly night.json --out runs/{n} --workers 1" for n in (1, 2))):
        assert _run(folder, asked).exit_code == 0, asked
    return folder


SAID = {
    "info night.json": 0,
    "info night.json --json": 0,
    "info wrong.json": 2,
    "solve one.json": 0,
    "solve night.json -o again.json": 0,
    "solve night.json --json": 0,
    "solve night.json -o -": 0,
    "check night.json p.json": 0,
    "check night.json p.json --json": 0,
    "check one.json p.json": 2,
    "check night.json runs/1": 0,
    "nightly night.json --out runs/1 --workers 1": 0,
    "history runs": 0,
    "history runs --json": 0,
    "history runs --compare runs/1 runs/2": 0,
    "tariff show tariff.json": 0,
    "tariff show tariff.json --json": 0,
    "info 換电-\udce4.json": 2,
    "report p.json --instance 換.json -o page.html": 2,
    "--help": 0,
    "solve --help": 0,
    "bench contenders": 0,
    "schema": 0,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_will_do(foreign: Path, encoding: str) -> None:
    for asked, code in SAID.items():
        done = _run(foreign, asked, encoding)
        assert done.exit_code == code, (asked, done.output)
        if "--json" in asked or asked == "schema":
            json.loads(done.stdout_bytes)
        if asked == "info night.json" and encoding.startswith("utf"):
            assert FOREIGN in done.stdout
    assert (foreign / "again.json").read_bytes() == (foreign / "p.json").read_bytes()


def _but_for_names(plan: bytes) -> bytes:
    """A plan file without the file of its instance, whose name depends on the folder of the plan."""
    return re.sub(rb', "file": "[^"]*"', b"", plan)


def test_what_a_file_holds_is_utf_8_on_standard_output_too(foreign: Path) -> None:
    done = _run(foreign, "solve night.json -o -", "cp1252")
    assert _but_for_names(done.stdout_bytes) == _but_for_names((foreign / "p.json").read_bytes())


def test_a_sign_that_the_encoding_lacks_is_told_by_its_number(foreign: Path) -> None:
    first = _run(foreign, "info night.json", "cp1252").stdout.splitlines()[0]
    assert first == r"network Köln–Süd \u6362\u7535\u7ad9 \u0141ód\u017a \u96fb €"
    first = _run(foreign, "info night.json", "ascii").stdout.splitlines()[0]
    assert first.isascii()
    assert "?" not in first
    bars = _run(foreign, "solve one.json", "cp437").stdout  # it has two of the eight
    assert "#" in bars
    assert "█" not in bars


def test_json_where_there_is_no_unicode_is_ascii(foreign: Path) -> None:
    done = _run(foreign, "info night.json --json", "gbk")
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["name"] == f"network {FOREIGN}"
    assert FOREIGN in _run(foreign, "info night.json --json").stdout


@pytest.mark.parametrize("encoding", ["cp1252", "gbk", "ascii"])
def test_a_process_with_such_a_stream(foreign: Path, tmp_path: Path, encoding: str) -> None:
    env = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [COMMAND, "solve", foreign / "night.json", "-o", tmp_path / "p.json"], env=env, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert _but_for_names((tmp_path / "p.json").read_bytes()) == _but_for_names((foreign / "p.json").read_bytes())


def test_a_process_whose_streams_are_closed(foreign: Path) -> None:
    asked = f"exec {COMMAND} $0 {foreign / 'night.json'} >&- 2>&-"
    assert subprocess.run(["sh", "-c", asked, "info"]).returncode == 0
    told = f"exec {COMMAND} solve {foreign / 'night.json'} -o - >&-"
    done = subprocess.run(["sh", "-c", told], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "standard output: is closed; name a file with -o\n")


def test_names_reach_no_terminal_raw(hostile: Path) -> None:
    for asked, code in SAID.items():
        done = _run(hostile, asked)
        assert done.exit_code == code, (asked, done.output)
        if "--json" in asked:
            assert json.loads(_run(hostile, asked, "ascii").stdout).keys() == json.loads(done.stdout).keys()
        seen = set(done.stdout) | set(done.stderr)
        assert {c for c in seen - {"\n"} if not is_seen(c)} == set(), asked


def test_what_is_escaped_is_read_back_as_it_was(hostile: Path) -> None:
    given = json.loads((hostile / "night.json").read_text())
    assert set("".join(HOSTILE)) <= set(given["name"])
    assert json.loads(_run(hostile, "info night.json --json").stdout)["name"] == given["name"]
    made = json.loads(_run(hostile, "solve night.json -o -").stdout)
    assert [one["station"] for one in made["stations"]] == [one["id"] for one in given["stations"]]


def test_a_line_break_in_a_name_begins_no_line(hostile: Path) -> None:
    lines = _run(hostile, "info night.json").stdout.splitlines()
    assert len(lines) == 3 + 5 * 2
    assert sum(line.startswith("Station ") for line in lines) == 2


def test_files_that_are_written_have_them_escaped(hostile: Path) -> None:
    for name in ("p.json", "runs/1/summary.json", "runs/1/stations.csv"):
        text = (hostile / name).read_text(encoding="utf-8")
        assert {c for c in set(text) - {"\n"} if not is_seen(c)} == set(), name


def test_no_page_has_them(hostile: Path) -> None:
    name = json.loads((hostile / "night.json").read_text())["name"]
    day = json.loads((hostile / "night.json").read_text())
    study = {"instance": "night.json", "name": name, "nights": 1, "tariffs": [{"id": day["tariffs"][0]["id"]}]}
    text = tiny_study.toml(tiny_study.content(**study)).replace(r"\udb40\udc41", r"\U000e0041")
    (hostile / "study.toml").write_text(text)
    commands = (
        "report p.json --instance night.json -o plan.html",
        "report runs/1 -o run.html",
        "study study.toml -o which --workers 1",
        "report which -o study.html",
        "tariff show tariff.json --svg tariff.svg",
    )
    for command in commands:
        done = _run(hostile, command)
        assert done.exit_code == 0, done.output
        assert {c for c in {*done.stdout, *done.stderr} - {"\n"} if not is_seen(c)} == set(), command
    for page in ("plan.html", "run.html", "study.html", "tariff.svg"):
        text = (hostile / page).read_text(encoding="utf-8")
        unseen = {c for c in set("".join(HOSTILE)) - {"\n"} if not is_seen(c)}
        assert not set(text) & unseen, page
        assert r"\u202e" in text, page


def test_a_line_of_progress_has_no_control_characters_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", terminal)
    output.progress_line()("S\x1b]0;x\x07\u202e" + "y" * 200)
    assert terminal.getvalue() == "\r\x1b[K" + (r"S\x1b]0;x\x07\u202e" + "y" * 200)[:110]


def test_only_one_module_writes_to_the_streams() -> None:
    for path in (ROOT / "optimizer").rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {ast.unparse(call.func) for call in calls}
        is_allowed = path.parts[-2:] in (("cli", "output.py"), ("solvers", "highs_worker.py"))  # read by its parent
        assert is_allowed or not names & {"click.echo", "click.secho", "print", "sys.stdout.write", "sys.stderr.write"}


def test_a_failure_after_a_file_is_written_does_not_deny_it(
    foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("a\x1bb")

    monkeypatch.setattr(plan_text, "solve_screen", fail)
    monkeypatch.delenv("SWAPCHARGE_TRACEBACK", raising=False)
    kept = tmp_path / "kept.json"
    done = _run(foreign, f"solve night.json -o {kept}")
    assert done.exit_code == 70
    assert done.stderr == (
        f"internal error: RuntimeError: a\\x1bb\nThis is our fault; written before it, and whole: {kept}. "
        "Please report it with the instance (SWAPCHARGE_TRACEBACK=1 shows where).\n"
    )
    assert "nothing was written" in _run(foreign, "solve night.json").stderr


def test_a_network_of_such_names_lines_up(tmp_path: Path) -> None:
    tiny_network.write(tmp_path / "n.json", "short", "long\x1b[2Jname")
    lines = _run(tmp_path, "solve n.json").stdout.splitlines()
    assert {len(line) for line in lines[:3]} == {len(lines[0])}


def test_wide_signs_of_formulas_have_an_apostrophe_in_every_table(tmp_path: Path) -> None:
    day = tiny_study.instance(tiny_study.station("＝1+1"))
    tiny_study.write(tmp_path, day, nights=1, tariffs=[{"id": "flat"}], variants=[{"id": "＠SUM(1)"}])
    for asked in ("nightly day.json --out run --workers 1", "study study.toml -o which --workers 1"):
        assert _run(tmp_path, asked).exit_code == 0
    assert ",'＝1+1," in (tmp_path / "run" / "stations.csv").read_text(encoding="utf-8")
    tables = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "which").glob("*.csv"))
    assert tables.count("＝1+1") == tables.count("'＝1+1") > 0
    assert tables.count("＠SUM") == tables.count("'＠SUM") > 0
    for asked in ("check day.json run", "report run -o run.html", "report which -o which.html"):
        done = _run(tmp_path, asked)
        assert done.exit_code == 0, done.output
