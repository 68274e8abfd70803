"""Amazon's DynamoDB Local as a process of its own, for tests against the real thing.

The jar listens on every interface and cannot be told otherwise, so it must not outlive the tests.
"""

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import free_port

FOLDER = Path(
    os.environ.get("KINDRED_DYNAMODB_LOCAL")
    or Path(__file__).parent.parent / ".cache" / "dynamodb-local"
)
START_SECONDS = 90

# The shell ends Java when its input ends: also when the tests are killed and clean nothing up.
_UNTIL_INPUT_ENDS = '"$@" & java=$!; cat >/dev/null; kill $java; wait $java'


def what_is_missing() -> str | None:
    """A sentence that says what to install, or None if DynamoDB Local can be started."""
    if shutil.which("java") is None:
        return "DynamoDB Local needs Java 17 (Debian: apt-get install openjdk-17-jre-headless)."
    if not (FOLDER / "DynamoDBLocal.jar").is_file():
        return f"{FOLDER} has no DynamoDBLocal.jar; `make .cache/dynamodb-local` fetches it."
    return None


@contextmanager
def running_dynamodb_local(log: Path) -> Iterator[str]:
    """A fresh DynamoDB Local, in memory, on a free port; gives its endpoint URL."""
    port = free_port()
    java = [
        *("java", "-Xmx256m", "-XX:TieredStopAtLevel=1"),
        *(f"-Djava.library.path={FOLDER / 'DynamoDBLocal_lib'}", "-jar"),
        *(str(FOLDER / "DynamoDBLocal.jar"), "-inMemory", "-sharedDb", "-port", str(port)),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", _UNTIL_INPUT_ENDS, "sh", *java],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_answers(port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.communicate()


def _wait_until_it_answers(port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"DynamoDB Local did not answer in {START_SECONDS} s: {log.read_text()}")
