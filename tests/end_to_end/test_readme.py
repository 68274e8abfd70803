"""The requests in the README, run as they stand there against a real server."""

import json
import re
import subprocess

import pytest

from tests.docs.test_docs import ROOT, commands

CURLS = [words for words in commands(ROOT / "README.md") if words[0] == "curl"]


@pytest.mark.parametrize("words", CURLS, ids=lambda words: words[-1])
def test_the_readmes_curls_are_answered_as_the_readme_shows(server, words):
    address = next(word for word in words if word.startswith("http://"))
    here = [re.sub(r"http://127\.0\.0\.1:5000", server, word) for word in words]
    done = subprocess.run(here, capture_output=True, text=True, check=True, timeout=30)
    answer = json.loads(done.stdout)
    assert address.startswith("http://127.0.0.1:5000/")
    assert answer["request_data"] == 999
    assert answer["source"] == "model"
    shown = json.loads(re.search(r"```json\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1])
    assert set(answer) == set(shown)
    if "limit" in words[-1]:
        shown["data"]["scores"] = pytest.approx(shown["data"]["scores"], abs=2e-6)
        assert answer["data"] == shown["data"]
