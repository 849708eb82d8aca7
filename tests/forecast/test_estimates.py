"""What is estimated from days that were drawn is what they were drawn from, and short histories are shrunk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from swap_logs import FIRST, PEAK_HOUR, log

from models.errors import InvalidData
from optimizer.forecast.counting import crps, poisson_error, quantile
from optimizer.forecast.history import parse_history
from optimizer.forecast.level import HOLIDAY, TREND, WEEKEND
from optimizer.forecast.spread import spread_of
from optimizer.forecast.station_days import SLOTS, StationDays, gap_problems, station_days
from optimizer.forecast.station_forecast import StationForecast, forecast_of

ZONE, NOW = ZoneInfo("Etc/GMT-1"), datetime(2030, 1, 1, tzinfo=UTC)


def days_of(text: str, holidays: frozenset[date] = frozenset()) -> StationDays:
    return station_days("S", parse_history(text.encode(), "h", None, NOW).rows, ZONE, holidays)


def forecast(text: str, holidays: frozenset[date] = frozenset()) -> StationForecast:
    return forecast_of(days_of(text, holidays), holidays)


def test_level_and_profile_of_a_plain_station() -> None:
    found = forecast(log(28, 40))
    (fit,) = found.fits
    assert fit.level.on(FIRST) == pytest.approx(40, rel=0.08)
    assert fit.profile.shares.sum(axis=1) == pytest.approx([1, 1])
    around_peak = fit.profile.shares[0][4 * (PEAK_HOUR - 2) : 4 * (PEAK_HOUR + 2)].sum()
    assert around_peak == pytest.approx(0.7 * 0.683 + 0.3 * 4 / 24, abs=0.06)
    assert not fit.profile.by_day_type and not fit.level.beta[[WEEKEND, HOLIDAY, TREND]].any()
    assert found.spread.dispersion < 1.15 and found.spread.day_sd < 0.08


def test_weekends_are_learnt_where_the_days_say_so() -> None:
    (fit,) = forecast(log(28, lambda day: 60 if day.weekday() >= 5 else 30)).fits
    assert np.exp(fit.level.beta[WEEKEND]) == pytest.approx(2, rel=0.15)
    saturday = FIRST + timedelta(days=33)
    assert fit.level.on(saturday) == pytest.approx(60, rel=0.15)


def test_weekends_have_their_own_profile_where_the_days_say_so() -> None:
    (fit,) = forecast(log(28, 60, shift=lambda day: -8 if day.weekday() >= 5 else 0)).fits
    assert fit.profile.by_day_type
    assert fit.profile.shares[1].argmax() // 4 in (8, 9, 10) and fit.profile.shares[0].argmax() // 4 in (16, 17, 18)


def test_a_trend_is_learnt_and_does_not_go_on_for_ever() -> None:
    (fit,) = forecast(log(42, lambda day: 40 * 1.02 ** (day - FIRST).days)).fits
    assert fit.level.beta[TREND] == pytest.approx(np.log(1.02), rel=0.3)
    assert fit.level.on(FIRST + timedelta(days=400)) == fit.level.on(FIRST + timedelta(days=49))


def test_a_day_unlike_all_others_is_left_out_or_a_holiday() -> None:
    odd = FIRST + timedelta(days=9)
    text = log(14, lambda day: 110 if day == odd else 30)
    plain = forecast(text)
    ((day, why),) = plain.days.left_out
    assert day == odd and "where" in why and "--holidays" in why
    assert plain.fits[0].level.on(FIRST) == pytest.approx(30, rel=0.15)
    named = forecast(text, frozenset({odd, odd + timedelta(days=20)}))
    assert named.days.left_out == () and named.fits[0].level.on(odd + timedelta(days=20)) > 50


def test_days_without_a_swap_are_holes_and_said() -> None:
    found = days_of(log(14, 30, without=(4, 5)))
    assert [day for day, _ in found.left_out] == [FIRST + timedelta(days=4), FIRST + timedelta(days=5)]
    assert {why for _, why in found.left_out} == {"no swap at all: closed, or missing in the log"}
    assert len(found.dates) == 12


def test_a_weekday_on_which_nobody_ever_comes_is_closed() -> None:
    found = forecast(log(21, 30, without=(6, 13, 20)))
    assert found.days.closed == {6}
    assert {why for _, why in found.days.left_out} == {"no swap at all: closed, as on every Sunday"}
    (fit,) = found.fits
    assert fit.on(FIRST + timedelta(days=27)) == 0 and fit.on(FIRST + timedelta(days=28)) > 20


def test_a_quiet_station_has_days_without_a_swap() -> None:
    found = days_of(log(40, 1.5, seed=3))
    assert found.left_out == () and (found.totals == 0).any()


def test_days_that_are_not_whole_are_left_out() -> None:
    lines = log(10, 80).splitlines()
    text = "\n".join(
        line for line in lines if not f"{FIRST + timedelta(days=9)}T12" <= line < f"{FIRST + timedelta(days=10)}"
    )
    ((day, why),) = days_of(text).left_out
    assert day == FIRST + timedelta(days=9) and why.startswith("the log ends at 1")


def test_less_than_a_week_is_refused() -> None:
    with pytest.raises(InvalidData) as caught:
        forecast(log(6))
    (problem,) = caught.value.problems
    assert (problem.place, problem.remedy) == ("station S", "give a longer history")
    assert problem.rule == "has 6 days, 6 of them fit to learn from: 7 and 5 are needed"
    assert forecast(log(7)).quality.days == 7


def test_a_stamp_of_another_year_is_refused() -> None:
    text = log(8) + "2022-03-02T10:00:00+01:00\n"
    rows = parse_history(text.encode(), "h", None, NOW).rows
    (problem,) = gap_problems(rows, ZONE)
    assert problem.place == f"line {len(text.splitlines())}, time" and "days after the swap before it" in problem.rule


def test_spread_is_that_of_the_days() -> None:
    calm, wild = forecast(log(60, 60, seed=5)), forecast(log(60, 60, day_sd=0.3, seed=5))
    assert calm.spread.day_sd < 0.07
    assert wild.spread.day_sd == pytest.approx(0.3, abs=0.07)
    assert wild.quality.crps_day < 0.9 * wild.quality.crps_day_poisson


def test_dispersion_is_that_of_the_hours() -> None:
    random, mean = np.random.default_rng(1), np.full((60, SLOTS), 0.8)
    bunches = random.poisson(random.gamma(mean / 1.5, 1.5)).astype(float)
    assert spread_of(bunches, mean).dispersion == pytest.approx(2.5, rel=0.15)
    assert spread_of(random.poisson(mean).astype(float), mean).dispersion < 1.08


def test_quantiles_of_days_left_out_are_calibrated() -> None:
    quality = forecast(log(120, 50, day_sd=0.2, seed=11)).quality
    assert quality.days_below == pytest.approx((0.1, 0.5, 0.9), abs=0.07)
    assert quality.hours_below == pytest.approx((0.1, 0.5, 0.9), abs=0.02)
    assert quality.hourly_error < 1.15 * quality.hourly_floor + 0.2


def test_scores_of_counts() -> None:
    draws = np.random.default_rng(2).poisson(2.3, 200_000)
    assert poisson_error(np.array([2.3])) == pytest.approx(abs(draws - 2.3).mean(), rel=0.01)
    one, none = np.ones(1), np.zeros(1)
    other = np.random.default_rng(3).poisson(2.3, 200_000)
    by_draws = abs(draws - 4).mean() - 0.5 * abs(draws - other).mean()  # CRPS = E|X − y| − E|X − X'| / 2
    assert crps(np.array([4.0]), np.array([2.3]), one, none) == pytest.approx(by_draws, rel=0.01)
    assert quantile(0.5, np.array([100.0]), 1.0, 0.0) == 100


def test_returned_charge_keeps_its_distribution() -> None:
    lines, random = log(20, 40).splitlines(), np.random.default_rng(1)
    text = "time,soc\n" + "".join(f"{line},{np.clip(random.normal(0.3, 0.1), 0, 1):.3f}\n" for line in lines[1:])
    (fit,) = forecast(text).fits
    assert len(fit.returned_soc) == 20 and list(fit.returned_soc) == sorted(fit.returned_soc)
    assert np.mean(fit.returned_soc) == pytest.approx(0.3, abs=0.01)
    assert np.hypot(np.std(fit.returned_soc), fit.returned_soc_sd) == pytest.approx(0.1, abs=0.015)


def test_types_have_their_own_means_and_one_spread() -> None:
    small, large = log(20, 15, seed=1).splitlines()[1:], log(20, 45, seed=2).splitlines()[1:]
    text = "time,type\n" + "".join(f"{line},{kind}\n" for kind, own in (("A", small), ("B", large)) for line in own)
    found = forecast(text)
    assert [fit.type for fit in found.fits] == ["A", "B"]
    assert [fit.level.on(FIRST) for fit in found.fits] == pytest.approx([15, 45], rel=0.1)
