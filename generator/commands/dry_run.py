"""`run_generator.py --dry-run`: what publishing would take on DynamoDB."""

from typing import TYPE_CHECKING

from rich.table import Column, Table

from generator.commands.wiring import Wiring
from shared.settings import GeneratorSettings

if TYPE_CHECKING:
    from shared.stores.dynamodb.estimate import Estimate


def dry_run(wiring: Wiring) -> None:
    """Fit the models and measure their lists; no store is opened, nothing is published."""
    from generator import pipeline
    from shared.stores.dynamodb.estimate import Estimate

    settings, reporter = wiring.settings, wiring.reporter
    estimate = Estimate()
    pipeline.dry_run(settings, estimate, reporter)
    reporter.console.print(_table(estimate, settings))
    reporter.say(
        f"Each generation kept (KEEP_GENERATIONS={settings.keep_generations}) stores "
        f"{estimate.stored_gb:,.3f} GB: "
        f"{_dollars(estimate.stored_gb * settings.dynamodb_price_per_gb_month)} a month. "
        "Prices are the settings DYNAMODB_PRICE_*. Nothing was written or published."
    )


def _table(estimate: "Estimate", settings: GeneratorSettings) -> Table:
    written = estimate.write_units / 1e6 * settings.dynamodb_price_per_million_write_units
    counted = estimate.read_units / 1e6 * settings.dynamodb_price_per_million_read_units
    imported = estimate.imported_gb * settings.dynamodb_price_per_imported_gb
    rate = settings.dynamodb_write_units_per_second
    table = Table("on DynamoDB", *(Column(way, justify="right") for way in ("written", "imported")))
    table.add_row("items", *[f"{estimate.items:,}"] * 2)
    table.add_row("bytes of items", *[f"{estimate.item_bytes:,}"] * 2)
    table.add_row("bytes of files", "", f"{estimate.import_bytes:,}")
    table.add_row("write units", f"{estimate.write_units:,}", "0")
    table.add_row(f"minutes at {rate:,}/s", f"{estimate.write_units / rate / 60:,.1f}", "")
    table.add_row("bringing in", _dollars(written), _dollars(imported))
    table.add_row("read units to count", *[f"{estimate.read_units:,}"] * 2)
    table.add_row("counting", *[_dollars(counted)] * 2)
    table.add_row("estimated cost", _dollars(written + counted), _dollars(imported + counted))
    return table


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.4f}"
