"""The price of raising the month's peak tonight, from what later days would save by it.

With c_d(P) the cheapest cost of day d under a peak of P, G_k(P) the expected cost of the month's last k days and of its
bill once the peak stands at P, and r(P) the bill's rate,

    G_0' = r,    G_k(P) = E_d min over P' ≥ P of c_d(P') + G_(k−1)(P').

c_d is convex and falls, so that each kW decides for itself: G_k'(P) = E_d max(0, G_(k−1)'(P) + c_d'(P)). A kW costs
tonight what is left of its rate after all later days have used it or raised the peak themselves: nothing where every
day to come will go higher, all of it where none will. (Marginal units of an irreversible investment decouple: R.
Pindyck, Irreversible investment, capacity choice, and the value of the firm, American Economic Review 78, 1988.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.tariff.rate_steps import Steps, rate_at

Reals = npt.NDArray[np.float64]
SHARE_DIGITS, KW_DIGITS = 2, 1  # finer ones are not known, and would be stretches for the engine to tell apart


def marginal_savings(costs: Reals, caps_kw: Reals) -> Reals:
    """−c_d' between neighbouring caps, currency per kW: shape (days, caps) to (days, caps − 1)."""
    return np.asarray(np.maximum(0.0, (costs[:, :-1] - costs[:, 1:]) / np.diff(caps_kw)))


def price_of_peak(rates: Reals, later: Sequence[Reals]) -> Reals:
    """G' of tonight's successors, for each stretch between two caps; `rates`: r there.

    `later`: the savings, shape (days drawn, stretches), that may come on each day after tonight, in order of time; the
    days drawn of one are equally likely.
    """
    price = rates
    for savings in reversed(later):
        price = np.maximum(0.0, price - savings).mean(axis=0)
    return price


def shares(price: Reals, rates: Reals, caps_kw: Reals) -> Steps:
    """The price as shares of the rate by peak: never falling, for the next kW is worth no more than the one before."""
    of_rate = np.divide(price, rates, out=np.ones_like(price), where=rates > 0)
    rising = np.minimum(1.0, np.maximum.accumulate(of_rate)).round(SHARE_DIGITS).tolist()
    steps = [(0.0, rising[0])]
    for above, share in zip(caps_kw[1:-1].round(KW_DIGITS).tolist(), rising[1:], strict=True):
        if share > steps[-1][1] and above > steps[-1][0]:
            steps.append((above, share))
    return tuple(steps)


def rates_between(steps: Steps, caps_kw: Reals) -> Reals:
    """The rate of each stretch between two caps, in its middle."""
    middles = (caps_kw[1:] + caps_kw[:-1]) / 2
    return np.array([rate_at(steps, middle) for middle in middles.tolist()])
