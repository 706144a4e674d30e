"""Grants: method × row × key, and values that are fixed."""

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.grants import CALENDAR_SYNC, OwnerCheck, belongs, fixed_in_vain, parse_grant, permit
from syncapp.core.proxy.resources import METHODS, RESOURCES, row_of

ROWS = {row.template: row for row in RESOURCES}
OWN = "GET+POST+PUT+DELETE Termine kuerzel=SB"


def ask(*grants: str, method: str = "GET", row: str = "Termine", body: object = None, **parameters: str):
    return permit(
        [parse_grant(text) for text in grants],
        method=method,
        resource=ROWS[row],
        parameters=tuple((name.rstrip("_"), value) for name, value in parameters.items()),
        body=body,
    )


def code_of(*grants: str, **asked: object) -> Code:
    try:
        ask(*grants, **asked)
    except ProxyRefusal as refused:
        return refused.code
    return Code.OK


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("row", sorted(ROWS))
@pytest.mark.parametrize(
    "grant, allows",
    [
        ("GET *", lambda method, row: method == "GET"),
        ("GET+PUT Beteiligte/{int}", lambda method, row: row == "Beteiligte/{int}" and method in ("GET", "PUT")),
        ("DELETE Termine", lambda method, row: (method, row) == ("DELETE", "Termine")),
        (CALENDAR_SYNC, lambda method, row: False),
    ],
)
def test_matrix(grant, allows, row, method):
    wanted = Code.OK if allows(method, row) else Code.NOT_GRANTED
    assert code_of(grant, method=method, row=row, body={}) == wanted


def test_without_grants_nothing():
    assert code_of() == Code.NOT_GRANTED


FIXED = {
    "added": ({"from_": "2026-01-01"}, Code.OK),
    "the same": ({"kuerzel": "SB"}, Code.OK),
    "another": ({"kuerzel": "RO"}, Code.FIXED_VALUE),
    "another case": ({"Kuerzel": "SB"}, Code.FIXED_VALUE),
    "the same and another case": ({"kuerzel": "SB", "KUERZEL": "RO"}, Code.FIXED_VALUE),
    "unknown parameter": ({"frNr": "7"}, Code.FIXED_VALUE),
    "one object, the number empty": ({"frnr": ""}, Code.FIXED_VALUE),
}


@pytest.mark.parametrize("name", FIXED)
def test_fixed_value_of_a_list(name):
    parameters, code = FIXED[name]
    assert code_of(OWN, **parameters) == code


def test_fixed_value_is_laid_over():
    assert ask(OWN, from_="2026-01-01").parameters == (("from", "2026-01-01"), ("kuerzel", "SB"))
    assert ask("GET Akten sb=RO", row="Akten").parameters == (("sb", "RO"),)


def test_given_twice_with_two_values():
    with pytest.raises(ProxyRefusal):
        permit(
            [parse_grant(OWN)],
            method="GET",
            resource=ROWS["Termine"],
            parameters=(("kuerzel", "SB"), ("kuerzel", "RO")),
            body=None,
        )


WRITES = {
    "a new one of the owner": ("POST", {}, {"anwalt": "SB"}, Code.OK, OwnerCheck.NOTHING),
    "a new one of somebody else": ("POST", {}, {"anwalt": "RO"}, Code.FIXED_VALUE, None),
    "a new one of nobody": ("POST", {}, {"text": "x"}, Code.FIXED_VALUE, None),
    "a new one with a number": ("POST", {}, {"anwalt": "SB", "frNr": 7}, Code.FIXED_VALUE, None),
    "new ones in a list": ("POST", {}, [{"anwalt": "SB"}], Code.FIXED_VALUE, None),
    "two owners in two cases": ("POST", {}, {"anwalt": "SB", "Anwalt": "RO"}, Code.FIXED_VALUE, None),
    "a change": ("PUT", {"frnr": "7"}, {"anwalt": "SB"}, Code.OK, OwnerCheck.BEFORE),
    "a change by the body's number": ("PUT", {}, {"frNr": 7, "anwalt": "SB"}, Code.OK, OwnerCheck.BEFORE),
    "a change with two numbers": ("PUT", {"frnr": "7"}, {"frNr": 8, "anwalt": "SB"}, Code.FIXED_VALUE, None),
    "a change that gives it away": ("PUT", {"frnr": "7"}, {"anwalt": "RO"}, Code.FIXED_VALUE, None),
    "a change that leaves the owner out": ("PUT", {"frnr": "7"}, {"text": "x"}, Code.FIXED_VALUE, None),
    "a change of nothing": ("PUT", {}, {"anwalt": "SB"}, Code.FIXED_VALUE, None),
    "a removal": ("DELETE", {"frnr": "7"}, None, Code.OK, OwnerCheck.BEFORE),
    "a removal of nothing": ("DELETE", {}, None, Code.FIXED_VALUE, None),
    "a read of one": ("GET", {"frnr": "7"}, None, Code.OK, OwnerCheck.ANSWER),
}


@pytest.mark.parametrize("name", WRITES)
def test_fixed_owner(name):
    method, parameters, body, code, look = WRITES[name]
    assert code_of(OWN, method=method, body=body, **parameters) == code
    if look is not None:
        assert ask(OWN, method=method, body=body, **parameters).check == look


ANSWERS = {
    "the owner's": ({"frNr": 7, "anwalt": "SB"}, True),
    "in a list of one": ([{"frNr": 7, "anwalt": "SB"}], True),
    "in the other spelling": ({"FrNr": 7, "Anwalt": "SB"}, True),
    "somebody else's": ({"frNr": 7, "anwalt": "RO"}, False),
    "another one": ({"frNr": 8, "anwalt": "SB"}, False),
    "nobody's": ({"frNr": 7}, False),
    "a list of two": ([{"frNr": 7, "anwalt": "SB"}, {"frNr": 7, "anwalt": "SB"}], False),
    "nothing": (None, False),
    "a list of none": ([], False),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_belongs(name):
    answer, wanted = ANSWERS[name]
    assert belongs(ask(OWN, frnr="7"), answer) is wanted


IN_PATH = "GET+PUT+DELETE Termine/{int} kuerzel=SB"
BY_NUMBER = row_of("GET+PUT+DELETE Termine/{int}")
NUMBERED = {
    "a read": ("GET", {}, None, Code.OK, OwnerCheck.ANSWER),
    "a change": ("PUT", {}, {"anwalt": "SB"}, Code.OK, OwnerCheck.BEFORE),
    "a change that gives it away": ("PUT", {}, {"anwalt": "RO"}, Code.FIXED_VALUE, None),
    "a change whose body names another": ("PUT", {}, {"frNr": 8, "anwalt": "SB"}, Code.FIXED_VALUE, None),
    "a removal": ("DELETE", {}, None, Code.OK, OwnerCheck.BEFORE),
    "a removal of another, by the query": ("DELETE", {"frnr": "8"}, None, Code.FIXED_VALUE, None),
    "another kuerzel": ("DELETE", {"kuerzel": "RO"}, None, Code.FIXED_VALUE, None),
    "an unknown parameter": ("DELETE", {"x": "1"}, None, Code.FIXED_VALUE, None),
}


@pytest.mark.parametrize("name", NUMBERED)
def test_fixed_owner_where_the_number_is_in_the_path(name):
    method, parameters, body, code, look = NUMBERED[name]

    def asked():
        return permit(
            [parse_grant(IN_PATH)],
            method=method,
            resource=BY_NUMBER,
            parameters=tuple(parameters.items()),
            body=body,
            ids=("7",),
        )

    if look is None:
        with pytest.raises(ProxyRefusal) as refused:
            asked()
        assert refused.value.code == code
    else:
        assert (asked().check, asked().single, asked().whose) == (look, "7", "SB")


def test_a_fixed_number_is_looked_at_like_one_that_was_asked_for():
    assert ask("GET Termine kuerzel=SB frnr=7").check == OwnerCheck.ANSWER


IN_VAIN = {
    "DELETE Termine/{int}/Notizen kuerzel=SB": ("kuerzel",),
    "GET Beteiligte/{int} kuerzel=SB": ("kuerzel",),
    "GET+PUT Beteiligte/{int} Anwalt=SB": ("Anwalt",),
    "GET Akten frNr=7": ("frNr",),
    "GET Termine Kuerzel=SB": ("Kuerzel",),
    "GET Termine limit=5": ("limit",),
    "PUT Termine frnr=7": ("frnr",),
    "GET * kuerzel=SB": ("kuerzel",),
    "GET+POST+PUT+DELETE Termine kuerzel=SB": (),
    "DELETE Termine/{int} kuerzel=SB": (),
    "GET Termine kuerzel=SB frnr=7": (),
    "GET Termine frnr=7": (),
    "GET Mitarbeiter aktiv=true": (),
    "GET Akten sb=RO": (),
    "GET Termine": (),
}


@pytest.mark.parametrize("text", IN_VAIN)
def test_a_fixed_value_that_nothing_keeps_the_caller_to(text):
    added = ("DELETE Termine/{int}", "DELETE Termine/{int}/Notizen", "GET *")
    table = (*RESOURCES, *map(row_of, added))
    grant = parse_grant(text)
    assert fixed_in_vain(grant, table) == IN_VAIN[text]
    row = next((row for row in table if row.template == grant.template), None)
    if IN_VAIN[text] and row is not None:
        with pytest.raises(ProxyRefusal) as refused:
            permit([grant], method=grant.methods[-1], resource=row, parameters=(), body={}, ids=("7",))
        assert refused.value.code == Code.NOT_GRANTED
        assert "new key" in refused.value.hint


def test_the_wider_grant_counts():
    assert ask(OWN, "GET Termine", kuerzel="RO").parameters == (("kuerzel", "RO"),)
    assert ask(OWN, "GET Termine", frnr="7").check == OwnerCheck.NOTHING


@pytest.mark.parametrize("text", ["GET Termine", OWN, CALENDAR_SYNC, "GET+PUT Beteiligte/{int}", "GET *"])
def test_a_grant_is_written_as_it_is_read(text):
    assert str(parse_grant(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "Termine", "GET", "GET Token", "PATCH Termine", "GET Termine kuerzel", "GET Termine =SB", "GET Termine k=",
     "GET Termine k=1 k=2", "calendar:sync x", "calendar:delete"],
)  # fmt: skip
def test_a_grant_that_makes_no_sense(text):
    with pytest.raises(ValueError, match=r"."):
        parse_grant(text)


NAMES = st.sampled_from(["kuerzel", "Kuerzel", "KUERZEL", "frnr", "frNr", "from", "x"])
ANYTHING = st.tuples(
    st.sampled_from(METHODS),
    st.lists(st.tuples(NAMES, st.sampled_from(["SB", "RO", "7", ""])), max_size=4),
    st.none() | st.dictionaries(NAMES | st.just("anwalt"), st.sampled_from(["SB", "RO", 7])),
)
# What somebody asks who may. Refused alone would prove nothing: hypothesis is told of each refusal, and complains
# where most are.
DAYS = st.dates().map(str)
MORE = st.fixed_dictionaries({}, optional={"from": DAYS, "to": DAYS, "kuerzel": st.just("SB")})
ONE = st.integers(1, 10**6)


def asking(method, number, more, text):
    """One that the owner may: a list, an object of theirs by its number, or a new one."""
    named = {"frnr": str(number)} if method in ("PUT", "DELETE") or number % 2 else {}
    named = {} if method == "POST" else named
    body = {"anwalt": "SB", "text": text} | ({"frNr": number} if named else {})
    return method, [*named.items(), *more.items()], body if method in ("POST", "PUT") else None


ALLOWED = st.builds(asking, st.sampled_from(METHODS), ONE, MORE, st.text(max_size=5))


@given(ANYTHING | ALLOWED)
def test_a_limited_key_never_reaches_beyond_its_owner(asked):
    method, parameters, body = asked
    try:
        found = permit(
            [parse_grant(OWN)], method=method, resource=ROWS["Termine"], parameters=tuple(parameters), body=body
        )
    except ProxyRefusal:
        reject()
    assert {value for name, value in found.parameters if name.lower() == "kuerzel"} == {"SB"}
    named = {value for name, value in found.parameters if name.lower() == "frnr"}
    assert named <= {found.single}
    assert found.check != OwnerCheck.NOTHING or not named
    if method in ("PUT", "DELETE"):
        assert found.check == OwnerCheck.BEFORE
    if method in ("POST", "PUT") and body is not None:
        assert {str(value) for name, value in body.items() if name.lower() == "anwalt"} == {"SB"}
