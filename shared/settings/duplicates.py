"""Settings of the generator: which courses count as one."""

from typing import Literal

from pydantic import Field

from shared.settings.both_sides import SharedSettings
from shared.settings.places import Place

Keep = Literal["most_completed", "most_viewed", "newest", "longest_text"]


class DuplicatesSettings(SharedSettings):
    duplicates: bool = Field(
        True,
        description="true looks for courses that are the same by what is written of them: "
        "versions, copies, other titles of one content. One of a group is listed for all, and who "
        "has seen one has seen them all. `python run_generator.py duplicates` shows what it finds.",
    )
    duplicates_keep: Keep = Field(
        "most_viewed",
        description="Which course of such a group is listed: most_completed, most_viewed, newest "
        "(by a date among its attributes, else by the version in its title) or longest_text; of "
        "equal ones the most viewed.",
    )
    duplicates_matcher: Place = Field(
        "",
        description="A file that `python run_generator.py duplicates --labels FILE` has learned "
        "from labelled pairs: it decides instead of the rules that come with Kindred.",
    )
