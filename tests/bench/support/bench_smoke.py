"""The committed values of the suite smoke. Not a test file itself.

`make smoke-values` runs the suite and writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

import sys

from paths import INSTANCES

from optimizer.bench.smoke import CONTENDERS, VALUES, run_smoke, smoke_text
from optimizer.workers.worker import cores

FOLDER = INSTANCES / "bench"


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
