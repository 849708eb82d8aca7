"""The rule is told in the same words wherever it is told."""

from paths import ROOT

from models.station.demand.rule_words import RULE_IN_WORDS

LINES = [f"- **{number}** {words}" for number, words in RULE_IN_WORDS.items()]


def test_rule_of_the_models_is_the_one_in_code() -> None:
    text = (ROOT / "models" / "README.md").read_text(encoding="utf-8")
    assert "\n".join(LINES) in text


def test_each_step_is_carried_out_somewhere() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "optimizer" / "simulate").glob("*.py"))
    assert [number for number in RULE_IN_WORDS if number not in code] == []


def test_rule_of_the_manual_is_the_one_in_code() -> None:
    assert "\n".join(LINES) in (ROOT / "optimizer" / "README.md").read_text(encoding="utf-8")
