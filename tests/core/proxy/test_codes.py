"""The table of answers: every code has one row, and tells the truth about repeating."""

from syncapp.core.proxy.codes import ROWS, STATUS, Code, Repeat


def test_every_code_has_one_row():
    assert [row.code for row in ROWS] == list(dict.fromkeys(row.code for row in ROWS))
    assert set(STATUS) == set(Code)


def test_a_lost_write_is_the_only_one_to_be_read_first():
    assert [row.code for row in ROWS if row.repeat is Repeat.READ_FIRST] == [Code.OUTCOME_UNKNOWN]


def test_what_is_to_be_repeated_later_says_so_by_its_status():
    later = {row.status for row in ROWS if row.repeat is Repeat.LATER}
    assert later == {403, 409, 429, 503}
