"""Changes of checker and bill that no test can tell from the code, and why: the allow-list of `make mutants`.

By file, line of code and change; a test refuses entries whose code has gone.
"""

PRESENCE, RULES = "optimizer/check/presence.py", "optimizer/check/rules.py"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (PRESENCE, "BEFORE_THE_NIGHT = -1", "1 -> 2"): "any slot below 0 lies before the night",
    (
        RULES,
        "return {course.stay.pack for course in courses if course.power_kw[slot] > night.charging_kw}",
        "course.power_kw[slot] > night.charging_kw -> course.power_kw[slot] <= night.charging_kw",
    ): "all packs but those that charge: starts and stops change places, and the larger of the two counts",
    (
        RULES,
        'found.append(Violation("grid", f"solar used, slot {slot}", kw, 0 if kw < 0 else there_kw))',
        "kw < 0 -> kw <= 0",
    ): "0 is never too little or too much solar power, so that it is not reported",
    (RULES, "if limit <= 0:", "limit <= 0 -> limit < 0"): "where no pack must be ready, none is missing",
}
