"""Every error that Kindred raises on purpose.

KindredError                 a sentence for the reader: the cause, and the cure
├── SettingsError            a setting is missing or makes no sense
├── DataError                the tables cannot be used as they are
├── ModelError               a model was asked for what it cannot do
├── GenerationHeld           the gate kept a new generation from going live
└── StoreError               the store refused or failed
    ├── StoreUnavailable     it cannot be reached now; trying again may help
    ├── GenerationMissing    no such generation, or its lists are gone
    ├── GenerationDamaged    what was read back is not what was written
    │   └── OtherFormat      another version of Kindred wrote it
    ├── LockHeld             another generator works for this tenant
    ├── Pinned               what is live is to stay so
    └── Conflict             somebody else changed the record first

Programming mistakes (a wrong type inside the house) are not here: they stay what Python raises.
"""


class KindredError(Exception):
    """Base of all errors whose text is meant for the person at the terminal or the API caller."""

    exit_code = 1


class SettingsError(KindredError):
    exit_code = 2


class DataError(KindredError):
    exit_code = 3


class ModelError(KindredError):
    exit_code = 4


class GenerationHeld(KindredError):
    exit_code = 7


class StoreError(KindredError):
    exit_code = 5


class StoreUnavailable(StoreError):
    pass


class EventsNotKept(StoreError):
    """Nothing of what was to be kept is; to try again is safe."""


class GenerationMissing(StoreError):
    pass


class GenerationDamaged(StoreError):
    pass


class OtherFormat(GenerationDamaged):
    """`for_callers` names no generation, so that whoever asks a server may read it."""

    def __init__(self, text: str, for_callers: str) -> None:
        super().__init__(text, for_callers)
        self.for_callers = for_callers

    def __str__(self) -> str:
        return str(self.args[0])


class LockHeld(StoreError):
    exit_code = 6


class Pinned(StoreError):
    pass


class Conflict(StoreError):
    pass
