import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.dataset.vocabulary import UNKNOWN, Vocabulary


@given(st.lists(st.integers(-(2**63), 2**63 - 1)) | st.lists(st.text(min_size=1)))
def test_handles_come_back_as_they_went_in_and_in_order(handles):
    vocabulary = Vocabulary(handles)
    assert vocabulary.handles() == sorted(set(handles))
    assert all(type(handle) in (int, str) for handle in vocabulary.handles())
    indices = vocabulary.index_of(handles)
    assert vocabulary.handles(indices) == handles


@pytest.mark.parametrize(("handles", "stranger"), [([1, 2], 3), (["a"], "b"), ([], 1), ([], "a")])
def test_an_unknown_handle_has_no_index(handles, stranger):
    assert Vocabulary(handles).index_of([stranger]).tolist() == [UNKNOWN]
