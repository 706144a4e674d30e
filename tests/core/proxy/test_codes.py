"""The table of answers tells the truth about repeating."""

from syncapp.core.proxy.codes import Code, Repeat


def test_a_code_is_its_word():
    assert (Code("busy"), str(Code.BUSY), Code.BUSY.value) == (Code.BUSY, "busy", "busy")


def test_a_lost_write_is_the_only_one_to_be_read_first():
    assert [code for code in Code if code.repeat is Repeat.READ_FIRST] == [Code.OUTCOME_UNKNOWN]


def test_what_is_to_be_repeated_later_says_so_by_its_status():
    assert {code.status for code in Code if code.repeat is Repeat.LATER} == {403, 409, 429, 503}
