import numpy as np

from generator.nearest.parts import positions_of


def test_positions_of_ranges_are_those_that_a_loop_finds():
    random = np.random.default_rng(0)
    for count in range(6):
        starts, lengths = random.integers(0, 50, count), random.integers(0, 5, count)
        expected = [
            position
            for start, length in zip(starts, lengths, strict=True)
            for position in range(start, start + length)
        ]
        assert positions_of(starts, lengths).tolist() == expected
