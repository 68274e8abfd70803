"""Whether what a store gives back of a generation is what was written, before anybody serves it.

All of these raise GenerationDamaged.
"""

from collections.abc import Mapping

from shared.errors import GenerationDamaged, OtherFormat
from shared.records import FORMAT, Key, Manifest, Row, Section


def require_readable(manifest: Manifest) -> None:
    """Refuse rows in the form of another version: they may parse, and mean something else."""
    if manifest.format == FORMAT:
        return
    age, cure = "a newer", "upgrade this one"
    if manifest.format < FORMAT:
        age, cure = "an older", "run `python run_generator.py` of this version once"
    why = f"written by {age} Kindred, and this one cannot read them: {cure}."
    raise OtherFormat(
        f"The rows of generation {manifest.generation} were {why}",
        f"The published lists were {why}",
    )


def require_counts(manifest: Manifest, counted: Mapping[Section, int]) -> None:
    """Hold the rows of each section, as the store counts them, against what the run counted.

    What a model that is skipped has written is passed over: it broke while it was listed.
    """
    expected = {section: rows for section, rows in manifest.row_counts.items() if rows}
    skipped = {card.model_handle for card in manifest.models if card.skipped}
    counted = {
        section: rows
        for section, rows in counted.items()
        if section.partition("/")[2] not in skipped
    }
    if counted != expected:
        raise GenerationDamaged(
            f"Generation {manifest.generation} should hold {expected} rows but holds {counted}; "
            "it was not published. Run the generator again."
        )


def require_rows(manifest: Manifest, written: Mapping[Key, Row], read: Mapping[Key, Row]) -> None:
    """Hold rows as they are read back against what was written."""
    for (section, subject), row in written.items():
        if read.get((section, subject)) != row:
            raise GenerationDamaged(
                f"Generation {manifest.generation} gives another row for {section} of {subject!r} "
                "than was written; it was not published. Run the generator again."
            )


def require_checksum(manifest: Manifest, checksum: str | None) -> None:
    if checksum != manifest.checksum:
        raise GenerationDamaged(
            f"The lists of generation {manifest.generation} are not what was written: checksum "
            f"{checksum}, expected {manifest.checksum}. Roll back to another generation, or "
            "run the generator again."
        )
