"""`run_generator.py validate`: look at the data, touch nothing that is live."""

import click

from generator.commands.wiring import Wiring


@click.command()
@click.pass_obj
def validate(wiring: Wiring) -> None:
    """Check the tables and set bad rows aside, without training or publishing anything."""
    from generator.checks.set_aside import too_much_set_aside
    from generator.intake import read_data
    from generator.plan import models_of, plan_run
    from generator.validation.set_aside import folder_of

    settings, reporter = wiring.settings, wiring.reporter
    dataset, reports = read_data(settings, reporter)
    if any(report.rows_set_aside for report in reports):
        folder = folder_of(settings.set_aside_folder, settings.tenant)
        reporter.say(f"Rows set aside, each with its reason, are in {folder}.")
    for lost in too_much_set_aside(reports, settings):
        reporter.say(f"A run would be held: {lost}")
    chosen = models_of(settings)
    skipped = plan_run(chosen, dataset, settings).skipped
    for found in chosen:
        reason = skipped.get(found.handle)
        reporter.say(f"{found.handle}: {f'would be skipped, it {reason}' if reason else 'can run'}")
