"""What Advoware's answers mean where they say more than the same answer of any other system.

Invariant: a sentence about the login is a failed login under whatever status it comes.
To extend: add a row, and a test with its name.
"""

from syncapp.core.systems import System
from syncapp.remotes.advoware.wording import LOGIN_TEXTS, SAFE_REASONS, found_login_text, named_fault
from syncapp.remotes.http.answers import Answers, ErrorRow, gone, simple
from syncapp.remotes.http.errors import AuthFailed, Forbidden, NotFoundPage, RemoteError
from syncapp.remotes.http.exchange import Answer, Request


def _login_text(request: Request, answer: Answer) -> bool:
    return (answer.status >= 400 or answer.shape != "json") and found_login_text(answer) is not None


def _asks_for_token(request: Request, answer: Answer) -> bool:
    return not request.effect and answer.status in (400, 403, 422)


def _names_object(request: Request, answer: Answer) -> bool:
    named = {*request.values, *(name for name, _value in request.params)}
    return not named.isdisjoint(("betNr", "frNr", "frnr")) or request.operation in ("PUT Termine", "DELETE Termine")


def _lists_termine(request: Request, answer: Answer) -> bool:
    return not request.writes and any(name == "kuerzel" for name, _value in request.params)


def _shows_termin(request: Request, answer: Answer) -> bool:
    return not request.writes and any(name == "frnr" for name, _value in request.params)


def _deletes(request: Request, answer: Answer) -> bool:
    return request.method == "DELETE"


def _login(request: Request, answer: Answer, answers: Answers) -> RemoteError:
    found = found_login_text(answer) or ""
    where = answers.where(request, answer, hint=LOGIN_TEXTS[found])
    return AuthFailed(f"Advoware refuses the login: … {found} …", **where)


NO_LIST = "it shows no list of appointments for this kuerzel; check how it is spelled in Advoware"
NOT_SHOWN = "it refuses to show this one appointment; see whether it can be opened in Advoware"
_NO_TOKEN = simple(AuthFailed, "no token granted", "check the ADVOWARE_ settings, and this machine's clock")
_NO_OBJECT_PAGE = simple(NotFoundPage, "no such object")
ROWS: tuple[ErrorRow, ...] = (
    ErrorRow("advoware_login_text", "any", _login, when=_login_text),
    ErrorRow("advoware_token_refused", "4xx", _NO_TOKEN, when=_asks_for_token),
    *(
        ErrorRow(f"advoware_web_page_{status}", status, _NO_OBJECT_PAGE, shape="html", when=_names_object)
        for status in ("404", "410")
    ),
    ErrorRow("advoware_object_gone", "404", gone, when=_names_object),
    ErrorRow("advoware_object_deleted", "410", gone, when=_names_object),
    *(
        ErrorRow(f"advoware_no_list_{status}", status, simple(Forbidden, NO_LIST), when=_lists_termine)
        for status in ("400", "404")
    ),
    *(
        ErrorRow(f"advoware_termin_not_shown_{status}", status, simple(Forbidden, NOT_SHOWN), when=_shows_termin)
        for status in ("400", "422")
    ),
    ErrorRow("advoware_deletes_nothing", "405", simple(Forbidden, "Advoware does not delete this"), when=_deletes),
)
ANSWERS = Answers(System.ADVOWARE, ROWS, named_fault, SAFE_REASONS)
