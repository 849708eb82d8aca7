"""Empty tables with explained columns, as `import network --template` writes them."""

from __future__ import annotations

import csv
from pathlib import Path

import cli

from optimizer.imports.columns.all_tables import TABLES


def test_the_template_has_every_table_with_its_columns_explained(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    made = cli.run("import", "network", "--template", folder)
    assert made.returncode == 0, made.stderr
    assert sorted(made.stdout.split()) == sorted(str(path) for path in folder.iterdir())
    for name, table in TABLES.items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            names, remarks = csv.reader(file)
        assert names == table.names
        assert remarks[0].startswith("# ") and len(remarks) == len(names) and all(remarks)


def test_what_was_filled_in_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "packs.csv").write_text("mine")
    made = cli.run("import", "network", "--template", tmp_path)
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr == (
        f"{tmp_path / 'packs.csv'}: is there already: what was filled in would be lost; name another folder, or remove "
        "it first\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["packs.csv"]
