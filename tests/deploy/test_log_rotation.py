"""logrotate itself, on the log of a server that runs."""

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.processes import ROOT
from tests.server.running import running_server

SAMPLE = ROOT / "deploy" / "logrotate" / "kindred"
PROGRAM = shutil.which("logrotate") or "/usr/sbin/logrotate"
MISSING = "logrotate is not installed; Debian's package logrotate has it"


def test_a_log_that_is_rotated_loses_no_line_and_the_server_goes_on_writing(tmp_path):
    if not Path(PROGRAM).exists():
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    log, rules = tmp_path / "server.log", tmp_path / "rules"
    text = SAMPLE.read_text().replace("/var/log/kindred", str(tmp_path))
    rules.write_text(text.replace("    su kindred kindred\n", ""))
    rules.chmod(0o644)
    tmp_path.chmod(0o755)
    rotate = [PROGRAM, "--force", "--state", tmp_path / "state", rules]
    appended = ["sh", "-c", f'exec "$@" 2>>{log}', "sh"]
    with running_server(
        tmp_path / "store", through=appended, log_requests="all", log_format="text"
    ) as server:
        for turn in range(3):
            answer = requests.get(
                f"{server.url}/health", headers={"X-Request-ID": f"turn-{turn}"}, timeout=30
            )
            assert answer.status_code == 200
            subprocess.run(rotate, check=True, capture_output=True, timeout=60)
        requests.get(f"{server.url}/health", headers={"X-Request-ID": "turn-3"}, timeout=30)
    older = [
        gzip.decompress((tmp_path / f"server.log.{n}.gz").read_bytes()).decode() for n in (3, 2)
    ]
    texts = [*older, (tmp_path / "server.log.1").read_text(), log.read_text()]
    assert [f"turn-{n}" in text for n, text in enumerate(texts)] == [True] * 4
    assert "turn-0" not in texts[3]
    assert "\0" not in texts[3], "a file that was cut and not appended to begins with a hole"
