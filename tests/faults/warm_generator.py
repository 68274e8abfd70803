"""A process that has imported the generator already and forks runs of it on request.

A run is what `python run_generator.py` does, without the four seconds of imports; as a process of
its own it can be killed. Requests are lines of JSON on the input, answers lines on the output.
This process has one thread, so that a fork takes nothing half done along.
"""

import json
import os
import sys
from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader

import generator.models.knn_collab_filtering_user_course_view
import generator.models.tfidf_user_interest
import generator.pipeline  # noqa: F401
import shared.stores.sqlite  # noqa: F401
from generator.commands import main
from generator.commands.wiring import Wiring
from shared.settings import GeneratorSettings
from shared.stores import open_store
from tests.faults.strikes import Limits, Strike, lay_hands_on, limit


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


def read_descriptions_once() -> None:
    """boto3 reads a megabyte of JSON about DynamoDB for each client: longer than a run takes."""
    JSONFileLoader.load_file = staticmethod(cache(JSONFileLoader().load_file))
    open_store("dynamodb://warm?endpoint=http://127.0.0.1:9").close()


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
    read_descriptions_once()
    serve()
