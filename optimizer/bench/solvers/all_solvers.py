"""All solvers of the benchmark. A new one is a file of its own and a line here."""

from __future__ import annotations

from optimizer.bench.solvers.cbc import CBC_VARIANTS
from optimizer.bench.solvers.cpsat import CPSAT
from optimizer.bench.solvers.glpk import GLPK
from optimizer.bench.solvers.highs import HIGHS_VARIANTS
from optimizer.bench.solvers.pdlp import PDLP
from optimizer.bench.solvers.scip import SCIP

ALL_SOLVERS = (*HIGHS_VARIANTS, SCIP, CPSAT, PDLP, *CBC_VARIANTS, GLPK)
