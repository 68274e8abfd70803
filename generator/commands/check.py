"""`run_generator.py check`: is all that the store holds as it was written?"""

from collections.abc import Iterator

import click

from generator.commands.wiring import Wiring
from generator.publish import UNFINISHED
from shared.errors import StoreError
from shared.records import Manifest
from shared.stores import Store

REMOVE = "`python run_generator.py discard {}` removes it"


@click.command()
@click.option("--adopt", is_flag=True, help="Take up published generations that the state lacks.")
@click.pass_obj
def check(wiring: Wiring, adopt: bool) -> None:
    """Read every generation through and say what is wrong with which, and the cure.

    Nothing is changed, but with --adopt: a state that is lost, damaged or older than what it should
    name is mended from the manifests, and those from their copies; if nothing is live then, the
    newest whole one is.
    """
    tenant, store, say = wiring.settings.tenant, wiring.store, wiring.reporter.say
    if adopt:
        adopted = store.adopt(tenant)
        say(f"Taken up: {', '.join(adopted) or 'nothing'}.")
    troubles = 0
    for generation, trouble in _looked_at(store, tenant):
        say(f"{generation}: {trouble or 'whole'}")
        troubles += bool(trouble)
    if troubles:
        verb = "needs" if troubles == 1 else "need"
        raise StoreError(f"Of what {wiring.settings.store_url} holds, {troubles} {verb} a hand.")
    say(f"All that {wiring.settings.store_url} holds of tenant {tenant} is as it was written.")


def _looked_at(store: Store, tenant: str) -> Iterator[tuple[str, str]]:
    """What was looked at, and what is wrong with it; "" if nothing is."""
    try:
        state, manifests = store.state(tenant), store.generations(tenant)
    except StoreError as error:
        yield "pointer", f"{error} `check --adopt` makes a new one of the manifests."
        return
    unreadable, known = store.unreadable(tenant), {*state.generations}
    for manifest in manifests:
        yield manifest.generation, _trouble(store, manifest, manifest.generation in known)
    for generation in unreadable:
        yield generation, f"its manifest cannot be read; {REMOVE.format(generation)}"
    named = {*unreadable, *(manifest.generation for manifest in manifests)}
    for generation in state.generations:
        if generation not in named:
            yield generation, f"its manifest is gone; {REMOVE.format(generation)}"
    for generation in store.stored(tenant):
        if generation not in named | known:
            cure = f"`check --adopt` looks for a copy, {REMOVE.format(generation)}"
            yield generation, f"its lists have no manifest; {cure}"


def _trouble(store: Store, manifest: Manifest, is_known: bool) -> str:
    if manifest.state in UNFINISHED:
        return ""  # what a run that goes on, or the next one, looks after
    if manifest.published_at and not is_known:
        return "it was published, but the pointer's record lacks it; `check --adopt` takes it up"
    try:
        store.verify(manifest)
    except StoreError as error:
        is_live = store.live_generation(manifest.tenant) == manifest.generation
        removal = REMOVE.format(manifest.generation)
        return f"{error} {'`rollback`, or a new run, replaces it' if is_live else removal}"
    return ""
