"""`run_generator.py refresh`: lists that follow what learners did since the last run."""

import click

from generator.commands.wiring import Wiring


@click.command()
@click.option("--follow", "follows", is_flag=True, help="Go on until it is ended.")
@click.option(
    "--every",
    "every_seconds",
    type=click.FloatRange(0.1, 86_400),
    default=1.0,
    show_default=True,
    help="Seconds between two looks at the log, with --follow.",
)
@click.option(
    "--whole-every",
    "whole_every_seconds",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="Seconds that newcomers, and models that are not quick, wait for a whole round at most.",
)
@click.pass_obj
def refresh(
    wiring: Wiring, follows: bool, every_seconds: float, whole_every_seconds: float
) -> None:
    """Make fresh lists for who did something since the live lists were made.

    They lie over the live generation's, which a run that set MODELS_FOLDER has made. One process at
    a time refreshes a tenant; killed at any time, the next one goes on.
    """
    log, fresh = wiring.event_log, wiring.fresh_lists
    # Here and not above: pandas and the models' libraries take seconds to import.
    from generator.refresh.follow import EndedBySignals, follow, refresh_all
    from generator.refresh.refresher import Refresher

    reporter, tenant = wiring.reporter, wiring.settings.tenant
    refresher = Refresher(wiring.settings, wiring.store, log, fresh, reporter)
    with fresh.lock(tenant):
        if follows:
            reporter.say(f"Following the events of tenant {tenant}; SIGTERM ends it.")
            follow(refresher, reporter, every_seconds, whole_every_seconds, EndedBySignals())
        elif not (events := refresh_all(refresher, reporter)):
            reporter.conclude(f"Tenant {tenant} has no new events; its lists are fresh.")
        else:
            reporter.conclude(f"The lists of tenant {tenant} follow {events:,} more events.")
