"""The commands `info` and `schema`: what an instance asks for, and what files look like; nothing is solved."""

from __future__ import annotations

import click

from optimizer.cli.doubts import read_telling, strict_option
from optimizer.cli.output import print_result, say


@click.command(epilog="Example: swapcharge info instances/real/nl-winter-day.json")
@click.argument("instance")
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def info(instance: str, strict: bool, as_json: bool) -> None:
    """Describe INSTANCE without solving it: horizon, stations, energy, prices, features."""
    from optimizer.doubts.warnings import warnings_json
    from optimizer.summaries.instance_info import facts_text, instance_facts

    asked, warnings = read_telling(instance, strict)
    facts = instance_facts(asked)
    if as_json:
        print_result(facts | {"warnings": warnings_json(warnings)})
    else:
        say(facts_text(facts))


@click.command(epilog="Example: swapcharge schema > instance.schema.json")
@click.option("--plan", "of_plan", is_flag=True, help="Print the schema of plan files instead.")
@click.option("--tariff", "of_tariff", is_flag=True, help="Print the schema of tariff files instead.")
@click.option("--study", "of_study", is_flag=True, help="Print the schema of study files instead.")
@click.option("--forecast", "of_forecast", is_flag=True, help="Print the schema of forecast files instead.")
@click.option("--alarms", "of_alarms", is_flag=True, help="Print the schema of a run's alarms.json instead.")
@click.option("--operation", "of_operation", is_flag=True, help="Print the schema of operation files instead.")
def schema(**of: bool) -> None:
    """Print the JSON Schema of instance files, for editors and other programs."""
    if sum(of.values()) > 1:
        raise click.UsageError("choose one of --plan, --tariff, --study, --forecast, --alarms and --operation")
    from optimizer.cli.tonight.operation_document import operation_schema
    from optimizer.forecast.file_document import forecast_schema
    from optimizer.formats import json_schema as made
    from optimizer.runs.alarms import alarms_schema

    schemas = {
        "of_plan": made.plan_schema,
        "of_tariff": made.tariff_schema,
        "of_study": made.study_schema,
        "of_forecast": forecast_schema,
        "of_alarms": alarms_schema,
        "of_operation": operation_schema,
    }
    print_result(next((schemas[name] for name, is_asked in of.items() if is_asked), made.instance_schema)())
