import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.load.readers.json_lines import chunks_of

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.floats(allow_nan=False, width=32),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)
LINES = st.one_of(
    OBJECTS.map(json.dumps),
    OBJECTS.map(lambda record: json.dumps(record, ensure_ascii=False)),
    VALUES.map(json.dumps),
    OBJECTS.map(lambda record: json.dumps(record)[:-1]),
    st.sampled_from(["", "  ", "\t", "broken", "{}{}", '{"a": NaN}', '{"a": "\\ud800"}']),
    TEXT,
)


def object_in(line: str) -> dict | None:
    """What the standard library says; half a character cannot be written, and is no text."""
    try:
        record = json.loads(line, parse_constant=lambda _: None)
        json.dumps(record, ensure_ascii=False).encode()
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def same(ours: object, theirs: object) -> bool:
    """Whole numbers beyond 64 bits are read again by whoever asks for them."""
    if isinstance(theirs, int) and abs(theirs) >= 2**63:
        return float(ours) == float(theirs)
    if isinstance(theirs, dict):
        return {*ours} == {*theirs} and all(same(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs


def begins_no_array(lines: list[str]) -> bool:
    return not "\n".join(lines).lstrip().startswith("[")


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=12).filter(begins_no_array))
def test_each_line_is_an_object_blank_or_bad_as_the_standard_library_reads_it(lines):
    content = "\n".join(lines).encode()
    chunks = list(chunks_of(io.BytesIO(content), may_be_wrapped=False))
    read = {n: r for chunk in chunks for n, r in zip(chunk.numbers, chunk.records, strict=True)}
    bad = {number for chunk in chunks for number, _, _ in chunk.bad}
    numbered = dict(enumerate(content.decode().split("\n"), 1))
    if not numbered[len(numbered)]:
        del numbered[len(numbered)]
    for number, line in numbered.items():
        expected = object_in(line)
        assert (number in read) == (expected is not None)
        assert (number in bad) == (expected is None and bool(line.encode().strip()))
        assert expected is None or same(read[number], expected)
    assert len(read) + len(bad) + sum(chunk.blank for chunk in chunks) == len(numbered)
