import unicodedata
from html.parser import HTMLParser
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.text.cleaning import LONGEST_TEXT, cleaned, words_of


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("C++, C# and .NET", ["c++", "c#", "and", ".net"]),
        ("Node.js, Vue.js. ASP.NET!", ["node.js", "vue.js", "asp.net"]),
        (
            "C++11 for CompTIA A+ and Network+",
            ["c++", "11", "for", "comptia", "a+", "and", "network+"],
        ),
        ("R, C and Go", ["r", "c", "and", "go"]),
        ("1+1 #hashtag", ["1", "1", "hashtag"]),
        ("the end.Start here", ["the", "end", "start", "here"]),
        ("Python's e-learning: don\u2019t", ["python", "e", "learning", "don"]),
        ("", []),
        ("🚀 🎉 :-)", []),
    ],
)
def test_names_of_languages_are_words(written, words):
    assert words_of(cleaned(written)) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("机器学习 Python", ["机器", "器学", "学习", "python"]),
        ("用Python学", ["用", "python", "学"]),
        ("コース", ["コー", "ース"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("사용자 경험", ["사용자", "경험"]),
        ("Разработка игр", ["разработка", "игр"]),
        ("\uff30\uff39 \ufb01t", ["py", "fit"]),
    ],
)
def test_scripts_without_blanks_give_pairs_of_characters_and_others_words(written, words):
    assert words_of(cleaned(written)) == words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>Learn&nbsp;<b>SQL</b></p>", "Learn SQL"),
        ("&lt;p&gt;Learn &amp;amp; earn&lt;/p&gt;", "Learn & earn"),
        ("a<script>alert('x')</script>b<style>p{}</style>c", "a b c"),
        ("a <!-- <b> never --> b", "a b"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("an unclosed <a href=x", "an unclosed"),
        ("two\n\tlines \x00\x1b[31m", "two lines [31m"),
        ("half \ud800 of \u202ea pair\u200b", "half of a pair"),
    ],
)
def test_markup_and_what_cannot_be_read_is_taken_out(written, read):
    assert cleaned(written) == read


class Reader(HTMLParser):
    """What Python's own parser takes for the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(page)
        self.close()

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<br/>", "<a href='x'>", "&amp;", "word", "C++", " ", "é"])
    )
)
def test_the_words_of_a_page_are_those_that_a_parser_of_pages_reads(parts):
    page = " ".join(parts)
    assert words_of(cleaned(page)) == words_of(" ".join(Reader(page).parts))


@given(st.text())
def test_any_text_becomes_one_that_can_be_stored_and_shown(text):
    clean = cleaned(text)
    clean.encode()
    assert not {unicodedata.category(letter) for letter in clean} & {"Cc", "Cs"}
    assert clean == clean.strip()
    assert all(word and word == word.lower() and " " not in word for word in words_of(clean))


@given(st.text(st.sampled_from("abC9 .,+#'-_\t()jsnet/<")))
def test_words_are_the_same_whatever_else_is_in_the_text(text):
    assert [*words_of(text), "\xe9"] == words_of(f"{text} \xe9")


@pytest.mark.parametrize(
    "part", ["<a", "<script>", "<!--", "&lt;", "a+", "x'", "<a <", ".net", "word ", "机", "\u0301"]
)
def test_a_megabyte_of_anything_is_cut_and_costs_next_to_nothing(part):
    started = process_time()
    clean = cleaned(part * (2**20 // len(part)))
    words_of(clean)
    assert len(clean) <= LONGEST_TEXT
    assert process_time() - started < 1
