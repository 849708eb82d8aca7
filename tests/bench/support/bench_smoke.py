"""The committed values of the suite smoke. Not a test file itself.

`make smoke-values` runs the suite and writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from paths import INSTANCES

from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.smoke import CONTENDERS, FORMAT, VALUES, SmokeDocument, SmokeInstance, SmokeValue, run_smoke
from optimizer.files.json_text import indented_document
from optimizer.workers.worker import cores

FOLDER = INSTANCES / "bench"


def smoke_text(records: Iterable[RunRecord]) -> bytes:
    """The values of these runs as a file; runs without a plan have none."""
    instances = tuple(_instances(records))
    document = SmokeDocument(format=FORMAT, version=1, instances=instances)
    return indented_document(document, sort_keys=True)


def _instances(records: Iterable[RunRecord]) -> Iterator[SmokeInstance]:
    by_name = dict[str, list[RunRecord]]()
    for record in records:
        by_name.setdefault(record.instance, []).append(record)
    for name, runs in sorted(by_name.items()):
        values = {
            run.contender: SmokeValue(objective=run.objective, is_optimal=run.is_solved)
            for run in runs
            if run.objective is not None and run.status == "OK"
        }
        proven = [value.objective for value in values.values() if value.is_optimal]
        yield SmokeInstance(name=name, hash=runs[0].instance_hash, optimum=min(proven, default=None), contenders=values)


def update() -> None:
    records = run_smoke(FOLDER, CONTENDERS, cores())
    for record in records:
        if record.status != "OK" or record.objective is None:
            sys.exit(f"{record.instance}: {record.contender}: status {record.status}: {record.reason}")
    (FOLDER / VALUES).write_bytes(smoke_text(records))
    print(f"{len(records)} values in {FOLDER / VALUES}")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("usage: make smoke-values")
    update()
