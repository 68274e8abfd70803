import numpy as np

from generator.networks.sequences import COURSES, Sequences, windows_to_learn_from

SEQUENCES = [[5, 2, 9], [], [7], list(range(1, 12))]


def sequences(lists=SEQUENCES) -> Sequences:
    offsets = np.concatenate([[0], np.cumsum([len(of) for of in lists])])
    courses = np.concatenate([np.array(of, np.int32) for of in lists]).astype(np.int32)
    return Sequences(offsets, {COURSES: courses, "gaps": 10 + courses})


def test_the_latest_steps_are_read_and_filled_up_at_the_end():
    users = np.array([0, 2, 3])
    read = sequences().read(sequences().ends(users, 4), 4)
    assert read[COURSES].tolist() == [[5, 2, 9, 0], [7, 0, 0, 0], [8, 9, 10, 11]]
    assert read["gaps"].tolist() == [[15, 12, 19, 0], [17, 0, 0, 0], [18, 19, 20, 21]]


def test_nothing_is_read_where_nobody_took_up_anything():
    nobody = sequences([[], []])
    read = nobody.read(nobody.ends(np.array([0, 1]), 3), 3)
    assert read[COURSES].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_who_is_without_the_last_course_loses_that_alone():
    shorter = sequences().without_last(np.array([0, 3]))
    assert shorter.lengths.tolist() == [2, 0, 1, 10]
    assert shorter.steps[COURSES].tolist() == [5, 2, 7, *range(1, 11)]
    assert shorter.last_courses(np.array([0, 3])).tolist() == [2, 10]
    assert sequences().last_courses(np.array([0, 3])).tolist() == [9, 11]


def test_every_step_but_each_users_first_is_foretold_once_and_the_latest_part_is_whole():
    for length in (1, 2, 3, 4, 100):
        windows = windows_to_learn_from(sequences(), length)
        foretold = [
            place
            for start, stop in zip(windows.starts, windows.stops, strict=True)
            for place in range(start + 1, stop + 1)
        ]
        assert sorted(foretold) == [1, 2, *range(5, 15)]
        assert windows.lengths.max() <= length
        assert 14 - min(length, 10) in windows.starts - 0, "the part that ends with the last step"
