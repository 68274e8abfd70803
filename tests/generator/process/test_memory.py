import sys

import numpy as np
import pytest

from generator.process.memory import (
    BYTES_PER_MB,
    give_back,
    peak_bytes,
    resident_bytes,
    restart_peak,
)

LARGE = 64 * BYTES_PER_MB
NOISE = 8 * BYTES_PER_MB


def test_what_is_taken_shows_and_what_is_freed_is_given_back():
    give_back()
    before = resident_bytes()
    taken = np.ones(LARGE, np.uint8)
    assert LARGE <= resident_bytes() - before + NOISE <= LARGE + 2 * NOISE
    del taken
    give_back()
    assert resident_bytes() <= before + NOISE


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a peak be counted anew")
def test_the_peak_is_that_since_it_was_restarted():
    give_back()
    restart_peak()
    before = peak_bytes()
    np.ones(LARGE, np.uint8)
    assert LARGE <= peak_bytes() - before + NOISE <= LARGE + 2 * NOISE
    restart_peak()
    assert peak_bytes() <= before + NOISE
