import signal
import sqlite3
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from generator.encoders.embedding import embedded
from generator.encoders.vector_cache import FILE, VectorCache


class CountingEncoder:
    """A text's vector is one of its length; what was asked of it is remembered."""

    size = 3
    texts_cut = 0

    def __init__(self, digest="one encoder"):
        self.name = self.digest = digest
        self.asked = []

    def encode(self, texts, progress=None):
        self.asked += texts
        vectors = np.array([[len(text), 1, len(text) % 7] for text in texts], np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def run(folder, texts, encoder=None, max_bytes=2**30):
    """One nightly run: the vectors, what had to be made, and what was said."""
    encoder, said = encoder or CountingEncoder(), []
    cache = VectorCache(folder, max_bytes, said.append)
    vectors = embedded(encoder, texts, cache)
    cache.close()
    return vectors, encoder.asked, said


TEXTS = [f"course {'x' * n}" for n in range(20)]


def test_a_second_run_embeds_nothing_and_one_changed_text_embeds_one(tmp_path):
    first, asked, _ = run(tmp_path, TEXTS)
    assert asked == TEXTS
    np.testing.assert_array_equal(first, CountingEncoder().encode(TEXTS))
    again, asked, said = run(tmp_path, TEXTS[::-1])
    assert asked == said == []
    np.testing.assert_array_equal(again, first[::-1])
    changed, asked, _ = run(tmp_path, [*TEXTS[:5], "another text", *TEXTS[6:]])
    assert asked == ["another text"]
    np.testing.assert_array_equal(np.delete(changed, 5, 0), np.delete(first, 5, 0))


def test_equal_texts_are_embedded_once_and_all_have_the_vector(tmp_path):
    vectors, asked, _ = run(None, ["same"] * 50 + ["other"] + ["same"] * 50)
    assert asked == ["same", "other"]
    assert (vectors == vectors[0]).all(axis=1).sum() == 100


def test_another_encoder_has_vectors_of_its_own(tmp_path):
    run(tmp_path, TEXTS)
    _, asked, _ = run(tmp_path, TEXTS, CountingEncoder("another encoder"))
    assert asked == TEXTS


def test_texts_stand_in_the_file_neither_readable_nor_by_tenant(tmp_path):
    run(tmp_path, ["a secret course"])
    assert b"secret" not in (tmp_path / FILE).read_bytes()


@pytest.mark.parametrize("damage", ["cut", "overwritten", "emptied"])
def test_a_damaged_file_is_made_anew_with_a_sentence(tmp_path, damage):
    run(tmp_path, TEXTS)
    path = tmp_path / FILE
    whole = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "overwritten":
            path.write_bytes(b"not a database at all" * 1000)
        case "emptied":
            path.write_bytes(b"")
    vectors, asked, said = run(tmp_path, TEXTS)
    assert asked == TEXTS
    np.testing.assert_array_equal(vectors, CountingEncoder().encode(TEXTS))
    if damage != "emptied":
        (sentence,) = said
        assert "was damaged" in sentence
        assert "made anew" in sentence
    assert run(tmp_path, TEXTS)[1] == []


def test_a_vector_whose_bits_have_changed_is_made_again(tmp_path):
    run(tmp_path, TEXTS)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE vectors SET vector = zeroblob(12) WHERE rowid = 4")
        connection.execute("UPDATE vectors SET vector = x'00' WHERE rowid = 9")
    connection.close()
    vectors, asked, _ = run(tmp_path, TEXTS)
    assert len(asked) == 2
    np.testing.assert_array_equal(vectors, CountingEncoder().encode(TEXTS))


def test_a_folder_that_cannot_be_written_stops_no_run(tmp_path):
    (tmp_path / "file").write_text("in the way")
    vectors, asked, said = run(tmp_path / "file", TEXTS)
    assert asked == TEXTS
    np.testing.assert_array_equal(vectors, CountingEncoder().encode(TEXTS))
    assert "cannot be used" in said[0]


def test_the_file_stays_within_its_limit_and_what_was_of_use_longest_ago_goes(tmp_path):
    many = [f"text {number}" for number in range(3000)]
    run(tmp_path, many)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE vectors SET day = day - 30")
    connection.close()
    whole = (tmp_path / FILE).stat().st_size
    assert run(tmp_path, many[:500])[1] == []
    run(tmp_path, ["one more"], max_bytes=whole // 2)
    assert (tmp_path / FILE).stat().st_size <= whole // 2
    assert run(tmp_path, [*many[:500], "one more"])[1] == []
    assert len(run(tmp_path, many)[1]) > 1000


def test_what_was_made_before_a_kill_is_kept(tmp_path):
    script = """
        import os, signal, sys
        from pathlib import Path
        import numpy as np
        from generator.encoders.vector_cache import VectorCache

        cache = VectorCache(Path(sys.argv[1]), 2**30)
        keys = [bytes([number]) * 32 for number in range(200)]
        cache.vectors(keys[:100], 4, lambda places: np.ones((len(places), 4), np.float32))
        def dies(places):
            os.kill(os.getpid(), signal.SIGKILL)
        cache.vectors(keys, 4, dies)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(tmp_path)])
    assert killed.returncode == -signal.SIGKILL
    asked = []
    said = []
    cache = VectorCache(tmp_path, 2**30, said.append)
    keys = [bytes([number]) * 32 for number in range(200)]

    def make(places):
        asked.extend(places)
        return np.zeros((len(places), 4), np.float32)

    vectors = cache.vectors(keys, 4, make)
    assert asked == list(range(100, 200))
    assert (vectors[:100] == 1).all()
    assert said == []
