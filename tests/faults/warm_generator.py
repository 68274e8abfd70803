"""A process that has imported the generator already and forks runs of it on request.

A run is what `python run_generator.py` does, without the four seconds of imports; as a process of
its own it can be killed. Requests are lines of JSON on the input, answers lines on the output.
This process has one thread, so that a fork takes nothing half done along.
"""

import gc
import json
import os
import sys
from typing import Any

import generator.models.knn_collab_filtering_user_course_view
import generator.models.tfidf_user_interest
import generator.pipeline
import generator.refresh.follow
import generator.refresh.refresher  # noqa: F401
import shared.events.sqlite
import shared.fresh.sqlite
import shared.stores.sqlite  # noqa: F401
from generator.commands import main
from generator.commands.wiring import Wiring
from generator.validation.validation import validate_tables
from shared.settings import GeneratorSettings
from shared.stores import open_store
from tests.faults.strikes import Limits, Strike, lay_hands_on, limit
from tests.generator.validation.tables import raw_table


def answer(value: object) -> None:
    sys.stdout.write(f"{value}\n")
    sys.stdout.flush()


def serve() -> None:
    answer("ready")
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            answer(os.waitstatus_to_exitcode(status))
        elif pid := os.fork():
            answer(pid)
        else:
            run(request)


def warm_up() -> None:
    """Load what is loaded when first needed, which takes longer than a run."""
    open_store("dynamodb://warm?endpoint=http://127.0.0.1:9").close()
    follows = raw_table("user_interests", [("999", "python", "2026-01-01")])
    validate_tables({follows.name: follows})
    gc.collect()
    gc.freeze()


def run(request: dict[str, Any]) -> None:
    """One run in the forked process; never returns."""
    output = os.open(request["output"], os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(request["folder"])
    os.environ.update(request["settings"])
    sys.argv = ["run_generator.py", *request["arguments"]]
    strikes = [Strike(**strike) for strike in request["strikes"]]
    limit(Limits(**request["limits"]))
    code = 1
    try:
        main(Wiring(GeneratorSettings.load, lambda url: lay_hands_on(open_store(url), strikes)))
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    warm_up()
    serve()
