"""Words that say nothing of what a course is about, and words that count."""


def _words(text: str) -> list[str]:
    return text.split()


def _numbered(text: str) -> dict[str, int]:
    return {word: number for number, word in enumerate(_words(text), 1)}


LEVELS = {
    **dict.fromkeys(
        _words(
            "beginner beginners beginning introduction intro introductory introducing basic basics "
            "fundamental fundamentals essential essentials foundation foundations elementary 101 "
            "novice novices starter básico básica principiantes introducción débutant débutants "
            "grundlagen anfänger einführung iniciante iniciantes introdução 入门 入門 初级 初級"
        ),
        1,
    ),
    **dict.fromkeys(_words("intermediate intermedio intermédiaire fortgeschritten 中级 中級"), 2),
    **dict.fromkeys(
        _words(
            "advanced expert experts avanzado avanzada avancé avançado fortgeschrittene profis "
            "进阶 高级 高級 上級"
        ),
        3,
    ),
}
"""1 for beginners, 2 intermediate, 3 advanced."""

NUMERALS = {
    **_numbered("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi"),
    **_numbered("one two three four five six seven eight nine ten"),
    **_numbered("一 二 三 四 五 六 七 八 九 十"),
    **_numbered("a b c d"),
    **_numbered("上 中 下"),
}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}

PART_WORDS = _words(
    "part parts pt module volume vol book unit week level section chapter ch lesson session season "
    "series episode term semester step phase stage block teil parte partie nivel niveau stufe "
    "módulo modul capítulo tomo kurs curso cours"
)

OF_YEARS = _words(
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sept sep oct nov dec spring summer autumn fall winter q1 q2 q3 q4 1t 2t "
    "3t ws ss wise sose wintersemester sommersemester"
)
"""What stands before a year and goes with it."""

VERSION_WORDS = frozenset(
    _words(
        "update updated edition version revised revision release remastered refreshed edición "
        "édition auflage versión"
    )
)

STOP_WORDS = frozenset(
    _words(
        "a an the of for to in on with and or your you from how by at as is are be its this that "
        "into using use via our we i my all what why when do does can will about up out de la el "
        "los las le les des du un una une en y para por con der die das und mit für"
    )
)

NOT_IN_KEY = frozenset(_words("a an the of for to in on with and your how course courses learn"))
"""No other language's: a course and its translation are two."""

GENERIC_WORDS = (
    STOP_WORDS
    | frozenset(LEVELS)
    | frozenset(
        _words(
            "course courses class classes masterclass master mastering mastery bootcamp boot camp "
            "training tutorial tutorials workshop guide ultimate complete comprehensive full crash "
            "learn learning teach yourself understand understanding get getting start started "
            "everything need know zero hero scratch step hands practical practice real world new "
            "latest best easy easily simple simplified quick quickly fast free online certified "
            "certification certificate become becoming professional pro developer program "
            "programme specialization series lecture lectures absolute definitive total deep dive "
            "immersive made ground go curso completo completa kurs cours formation"
        )
    )
)
"""A title's words that another title of the same course may do without."""
