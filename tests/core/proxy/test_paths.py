"""The canonical reading: every way around it that has been tried on other gateways, by name, on both surfaces."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.paths import FORBIDDEN, SEGMENT, decoded, only_endpoint, read_path, read_query

PREFIXES = ("api/v1/advonet", "api/v1")
# name: (the endpoint's value after the query was decoded once, the same in a request line)
STORIES = {
    "1 dots that the other server takes out": ("Termine/../Beteiligte/1", "Termine/../Beteiligte/1"),
    "2 an escaped slash": ("Termine%2F..%2FBeteiligte", "Termine%2F..%2FBeteiligte"),
    "2 an escaped back-slash": ("Termine%5cx", "Termine%5cx"),
    "2 an escaped NUL": ("Termine%00", "Termine%00"),
    "2 a NUL": ("Termine\0", "Termine%00x"),
    "2 a semicolon": ("Termine;x", "Termine;x"),
    "2 an escaped semicolon": ("Termine%3bx", "Termine%3bx"),
    "2 an escaped question mark": ("Termine%3fx", "Termine%3fx"),
    "2 a question mark": ("Termine?x", "Termine%3Fx"),
    "2 an escaped number sign": ("Termine%23", "Termine%23"),
    "3 a fragment": ("Termine#/../x", "Termine#/../x"),
    "4 one dot": ("./Termine", "./Termine"),
    "4 two dots": ("../Termine", "../Termine"),
    "4 an escaped dot": ("%2e/Termine", "%2e/Termine"),
    "4 escaped dots": ("%2e%2e/Termine", "%2E%2e/Termine"),
    "4 a dot and an escaped one": (".%2e/Termine", ".%2e/Termine"),
    "4 dots at the end": ("Termine/..", "Termine/.."),
    "4 three dots": ("Termine/...", "Termine/..."),
    "5 encoded twice": ("%252e%252e/Termine", "%252e%252e/Termine"),
    "6 back-slashes": (r"Termine\..\x", "Termine\\..\\x"),
    "7 two slashes before": ("//Termine", "//Termine"),
    "7 two slashes within": ("Termine//1", "Termine//1"),
    "7 a slash at the end": ("Termine/", "Termine/"),
    "7 a slash alone": ("/", "/"),
    "8 another host": ("http://evil/", "http://evil/"),
    "8 another host without scheme": ("//evil", "//evil"),
    "8 a user before the host": ("@evil", "@evil"),
    "8 a port": ("Termine:80", "Termine:80"),
    "a line break": ("Termine\r\nHost: evil", "Termine%0d%0a"),
    "a tab": ("Ter\tmine", "Ter%09mine"),
    "a blank before": (" Termine", "%20Termine"),
    "a blank within": ("Ter mine", "Ter%20mine"),
    "no letters of ours": ("Термине", quote("Термине")),
    "letters that look composed": ("Bu\u0308ro", quote("Bu\u0308ro")),
    "a mark that turns the reading": ("Termine\u202e", quote("Termine\u202e")),
    "half a character": ("Termine\ud800", "Termine%ed%a0%80"),
    "overlong UTF-8": ("Termine\ufffd", "Termine%c0%af"),
    "a letter that needs no escape": ("%41kten", "%41kten"),
    "seven parts": ("a/b/c/d/e/f/g", "a/b/c/d/e/f/g"),
    "a part of 65": ("a" * 65, "a" * 65),
    "201 characters": ("a/" + "b" * 199, "a/" + "b" * 199),
    "nothing": ("", ""),
}


def by_endpoint(text: str) -> tuple[str, ...]:
    return read_path(text, prefixes=PREFIXES)


def by_request_line(raw: str) -> tuple[str, ...]:
    return read_path(decoded(raw), prefixes=PREFIXES)


@pytest.mark.parametrize("name", STORIES)
def test_story_as_endpoint(name):
    with pytest.raises(ProxyRefusal) as refused:
        by_endpoint(STORIES[name][0])
    assert refused.value.code == Code.BAD_ENDPOINT


@pytest.mark.parametrize("name", STORIES)
def test_story_in_the_request_line(name):
    with pytest.raises(ProxyRefusal) as refused:
        by_request_line(STORIES[name][1])
    assert refused.value.code == Code.BAD_ENDPOINT


GOOD = {
    "Beteiligte": ("Beteiligte",),
    "/Beteiligte": ("Beteiligte",),
    "Beteiligte/104860": ("Beteiligte", "104860"),
    "api/v1/advonet/Termine": ("Termine",),
    "/api/v1/advonet/Termine": ("Termine",),
    "api/v1/Termine": ("Termine",),
    "api/v1": ("api", "v1"),  # no row has it
    "Büro/Straße": ("Büro", "Straße"),
    "a.b/c~d/e-f_g": ("a.b", "c~d", "e-f_g"),
    "..a/b..": ("..a", "b.."),
}


@pytest.mark.parametrize("text", GOOD)
def test_good_path(text):
    assert by_endpoint(text) == GOOD[text]
    assert by_request_line(quote(text, safe="/~")) == GOOD[text]


def test_small_escapes_mean_the_same():
    assert by_request_line("B%c3%bcro") == ("Büro",)


# Refused alone would prove nothing: hypothesis is told of each refusal, and complains where most are.
PLAIN = st.lists(st.from_regex(SEGMENT, fullmatch=True), min_size=1, max_size=6).map("/".join)
ALMOST_PLAIN = st.builds(
    lambda text, sign, place: text[:place] + sign + text[place:], PLAIN, st.characters(), st.integers(0, 20)
)


@given(PLAIN | PLAIN.map(lambda text: f"/{text}") | ALMOST_PLAIN | st.text())
def test_whatever_is_read_is_harmless(text):
    try:
        segments = by_endpoint(text)
    except ProxyRefusal:
        reject()
    assert 1 <= len(segments) <= 6
    for segment in segments:
        assert SEGMENT.fullmatch(segment)
        assert segment.strip(".")
        assert not FORBIDDEN & set(segment)


@given(
    PLAIN.map(lambda text: quote(text, safe="/~"))
    | PLAIN.map(lambda text: "".join(f"%{byte:02x}" if byte != ord("/") else "/" for byte in text.encode()))
    | st.text(st.sampled_from("aÄ./%2eFf5c\\;?#@:0~"))
)
def test_both_surfaces_agree(text):
    """What the request line accepts is the very path that the query accepts, and it says the same."""
    try:
        segments = by_request_line(text)
    except (ProxyRefusal, UnicodeError):
        reject()
    assert segments == by_endpoint(unquote(text))


QUERIES = {
    "bytes that are no UTF-8": ("endpoint=%ff", Code.BAD_QUERY),
    "raw letters": ("endpoint=Büro", Code.BAD_QUERY),
    "31 parameters": ("&".join(f"a{n}=1" for n in range(31)), Code.BAD_QUERY),
    "hundreds of parameters": ("a=1&" * 300, Code.BAD_QUERY),
    "a long name": ("a" * 41 + "=1", Code.BAD_QUERY),
    "a name with a blank": ("a%20b=1", Code.BAD_QUERY),
    "no name": ("=1", Code.BAD_QUERY),
    "a long value": ("a=" + "b" * 501, Code.BAD_QUERY),
    "a rehearsal that is none": ("dry_run=perhaps", Code.BAD_QUERY),
    "a rehearsal and none": ("dry_run=1&dry_run=0", Code.BAD_QUERY),
    "an empty rehearsal": ("dry_run=", Code.BAD_QUERY),
    "a rehearsal in capitals": ("DRY_RUN=1", Code.BAD_QUERY),
    "a rehearsal in one word": ("dryRun=1", Code.BAD_QUERY),
    "a rehearsal, and one in one word": ("dry_run=0&dryrun=1", Code.BAD_QUERY),
}


@pytest.mark.parametrize("name", QUERIES)
def test_bad_query(name):
    raw, code = QUERIES[name]
    with pytest.raises(ProxyRefusal) as refused:
        read_query(raw)
    assert refused.value.code == code


def test_parameters_keep_order_and_repetition():
    query = read_query("b=2&endpoint=Termine&a=1&b=%C3%BC+%26&c=")
    assert query.parameters == (("b", "2"), ("a", "1"), ("b", "ü &"), ("c", ""))
    assert query.endpoints == ("Termine",)
    assert not query.dry_run


@pytest.mark.parametrize("text, wanted", [("dry_run=1", True), ("dry_run=true", True), ("dry_run=0", False)])
def test_rehearsal(text, wanted):
    assert read_query(text).dry_run is wanted


@pytest.mark.parametrize(
    "raw, code", [("", Code.ENDPOINT_MISSING), ("endpoint=", Code.ENDPOINT_MISSING), ("x=1", Code.ENDPOINT_MISSING)]
)
def test_endpoint_is_needed(raw, code):
    with pytest.raises(ProxyRefusal) as refused:
        only_endpoint(read_query(raw))
    assert refused.value.code == code


def test_endpoint_stands_once():
    with pytest.raises(ProxyRefusal) as refused:
        only_endpoint(read_query("endpoint=Termine&endpoint=Akten"))
    assert refused.value.code == Code.BAD_ENDPOINT


def test_a_refusal_repeats_nothing_of_the_caller():
    with pytest.raises(ProxyRefusal) as refused:
        by_endpoint("Geheimrat/..")
    assert "Geheimrat" not in refused.value.hint
