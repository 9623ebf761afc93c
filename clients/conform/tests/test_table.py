"""The table and the page: every numbered sentence still stands there, and every case tries one."""

from zchat_conform import broker, cases, client_listen, client_send, page, table  # noqa: F401 - they fill the list

PAGE = table.PAGE.read_text()
#   Tables of the page are compared as they stand; of paragraphs line ends are spaces.
FLAT = page.squeeze(PAGE)


def test_every_sentence_is_still_in_the_page():
    """If not: clients/conform/zchat-conform --make-table, and look at what the cases try."""
    missing = [f"{s.number}: {s.text}" for s in table.load() if s.text not in FLAT]
    assert not missing


def test_no_sentence_of_the_page_is_without_a_number():
    known = {s.text for s in table.load()}
    assert not [text for _, text in page.sentences(PAGE) if text not in known]


def test_numbers_are_given_once():
    numbers = [s.number for s in table.load()]
    assert len(numbers) == len(set(numbers)) > 300


def test_every_case_tries_sentences_of_the_page():
    made, lost = table.make(PAGE, table.load())
    assert not lost
    assert made == table.load(), "the table is old: zchat-conform --make-table"
    tried = {name for s in made for name in s.cases}
    assert {case.name for case in [*cases.BROKER, *cases.CLIENT]} == tried
    assert sum(bool(s.cases) for s in made) > 180


def test_a_sentence_that_changes_is_found():
    made, lost = table.make(PAGE.replace("a hole: `ERR gap`", "a gap: `ERR gap`"), table.load())
    assert ("exactly_once", "a hole: `ERR gap` with the `expected` n") in lost
    assert made != table.load()
    assert max(s.number for s in made) > max(s.number for s in table.load()), "it has a number of its own"
