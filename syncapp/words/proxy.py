"""What the proxy says: to programs one English sentence and what to do, to people the same in their language.

Invariant: `error` and `advice_for_programs` are part of the interface and stay English; `Endpoint required as query
param` is word for word what callers of the earlier system know.
To extend: a row for each code of core/proxy/codes.py, each outcome of a call and each field of a key; a word for each
way to repeat.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from syncapp.core.proxy.codes import Code, Repeat
from syncapp.models import CallOutcome
from syncapp.words import Words


@dataclass(frozen=True, slots=True)
class CodeText:
    """`error`, `advice_for_programs`: what a caller reads; `meaning`: what people read in the admin and the docs."""

    error: str
    advice_for_programs: str
    meaning: Words


# outcome of a call: (icon, tone)
CALL_LOOKS: dict[str, tuple[str, str]] = {
    CallOutcome.DONE: ("check_circle", "good"),
    CallOutcome.REFUSED: ("block", "off"),
    CallOutcome.REFUSED_THERE: ("block", "warn"),
    CallOutcome.FAILED: ("error", "bad"),
    CallOutcome.UNKNOWN: ("help", "warn"),
    CallOutcome.REPEATED: ("repeat", "off"),
    CallOutcome.REHEARSED: ("visibility", "off"),
    CallOutcome.UNAUTHORIZED: ("key_off", "bad"),
}
REPEATS: dict[Repeat, Words] = {
    Repeat.NOTHING: _("Nothing to do."),
    Repeat.CORRECT: _("Correct the request; the same one will be refused again."),
    Repeat.BY_STATUS: _("Correct the request; after 408, 423 or 429 repeat the same one later."),
    Repeat.LATER: _("Repeat the same request later, after the seconds of Retry-After if there are any."),
    Repeat.AT_WILL: _("A read may be repeated; a write was not carried out."),
    Repeat.READ_FIRST: _("Read the object first; repeat only if the write is not there."),
    Repeat.ASK: _("Ask whoever looks after this installation."),
}
CODES: dict[Code, CodeText] = {
    Code.OK: CodeText("", "", _("Advoware answered and did what was asked.")),
    Code.DRY_RUN: CodeText("", "", _("A rehearsal: checked, and nothing written.")),
    Code.ENDPOINT_MISSING: CodeText(
        "Endpoint required as query param", "Add ?endpoint=Beteiligte/104860.", _("No endpoint was given.")
    ),
    Code.BAD_ENDPOINT: CodeText(
        "The endpoint cannot be read", "Use a plain path such as Beteiligte/104860.", _("The path is not a plain one.")
    ),
    Code.BAD_QUERY: CodeText(
        "A query parameter cannot be read", "Encode the query as UTF-8.", _("A parameter is not a plain one.")
    ),
    Code.BAD_BODY: CodeText("The body is not usable JSON", "Send a JSON object.", _("The body is no usable JSON.")),
    Code.BODY_UNEXPECTED: CodeText(
        "This method takes no body", "Send GET and DELETE without a body.", _("A read or a removal came with a body.")
    ),
    Code.BAD_IDEMPOTENCY_KEY: CodeText(
        "The Idempotency-Key cannot be used",
        "Use 8 to 128 printable ASCII characters.",
        _("The Idempotency-Key is too short, too long or has other characters than plain ones."),
    ),
    Code.UNAUTHORIZED: CodeText(
        "No valid key", "Send a key as Authorization: Bearer, or as X-Api-Key.", _("No key, or one that opens nothing.")
    ),
    Code.NETWORK_NOT_ALLOWED: CodeText(
        "The key may not be used from this address",
        "Ask for the network to be added to the key.",
        _("The key is limited to other networks."),
    ),
    Code.NOT_GRANTED: CodeText(
        "The key may not do this",
        "whoami lists the key's grants.",
        _("The key has no grant for this method and resource."),
    ),
    Code.FIXED_VALUE: CodeText(
        "The key is limited to another value",
        "whoami lists the key's grants.",
        _("A value is fixed by the key's grant."),
    ),
    Code.NOT_YOURS: CodeText(
        "The object belongs to somebody else",
        "The key is limited to objects of one owner.",
        _("The object is not that of the owner to whom the key is limited."),
    ),
    Code.WRITES_PAUSED: CodeText(
        "Writes to Advoware are paused",
        "Reads go on; repeat the write later.",
        _("Writes to Advoware are paused here."),
    ),
    Code.NOT_OFFERED: CodeText(
        "This resource is not offered",
        "openapi.json lists what is offered; capitals count.",
        _("The path is not in the table of resources."),
    ),
    Code.PROXY_OFF: CodeText(
        "The proxy is switched off", "PROXY_ENABLED is not set in this installation.", _("The proxy is switched off.")
    ),
    Code.METHOD_NOT_OFFERED: CodeText(
        "This resource does not offer the method", "Allow names the methods.", _("The resource has no such method.")
    ),
    Code.STILL_RUNNING: CodeText(
        "The first request with this Idempotency-Key is still under way",
        "Repeat it after Retry-After.",
        _("The same request is still under way."),
    ),
    Code.LENGTH_REQUIRED: CodeText(
        "Content-Length is required", "Send the body with its length.", _("The body came without its length.")
    ),
    Code.TOO_LARGE: CodeText(
        "The body is too large", "PROXY_MAX_REQUEST_KIB is the limit.", _("The body is too large.")
    ),
    Code.NOT_JSON: CodeText(
        "The body has to be JSON", "Send Content-Type: application/json.", _("The body is not declared as JSON.")
    ),
    Code.OTHER_CONTENT: CodeText(
        "The Idempotency-Key was used for another request",
        "Use a new one for each new request.",
        _("The Idempotency-Key belongs to another request."),
    ),
    Code.RATE_LIMITED: CodeText(
        "Too many requests",
        "Wait for Retry-After.",
        _("More calls than the key may make, or than all keys may together."),
    ),
    Code.TOO_MANY_WRONG_KEYS: CodeText(
        "Too many wrong keys from this address", "Correct the key.", _("Too many wrong keys from one address.")
    ),
    Code.ADVOWARE_REFUSED: CodeText(
        "Advoware refused the request", "advoware_status has its status.", _("Advoware refused the request.")
    ),
    Code.ADVOWARE_LOGIN_FAILED: CodeText(
        "This installation cannot log in to Advoware",
        "Not the caller's key: the installation's login is at fault.",
        _("The login of this installation to Advoware fails; doctor names the cause."),
    ),
    Code.ADVOWARE_UNREACHABLE: CodeText(
        "This installation cannot reach Advoware",
        "Not the caller's fault: address, name or certificate of Advoware is wrong in the installation.",
        _("Address, name or certificate of Advoware is wrong; doctor names the cause."),
    ),
    Code.ADVOWARE_FAILED: CodeText(
        "Advoware reports an error of its own",
        "Its cause is not known here; the read may be repeated.",
        _("Advoware reports an error of its own."),
    ),
    Code.WRONG_ANSWER: CodeText(
        "Advoware's answer is not usable",
        "It is not JSON, cut off or empty; the read may be repeated.",
        _("Advoware's answer was not usable."),
    ),
    Code.REDIRECTED: CodeText(
        "Advoware redirects; this is not followed",
        "Not the caller's fault: the installation's address of Advoware is not the final one.",
        _("Advoware redirects to another address, which is not followed."),
    ),
    Code.ANSWER_TOO_LARGE: CodeText(
        "Advoware's answer is too large",
        "Ask for less; PROXY_MAX_ANSWER_KIB is the limit.",
        _("The answer is too large."),
    ),
    Code.ADVOWARE_DOWN: CodeText(
        "Advoware is not available", "Nothing was done; wait for Retry-After.", _("Advoware is not available.")
    ),
    Code.INTERNAL: CodeText(
        "Something went wrong here",
        "Ask whoever looks after this installation; request_id finds it in the log.",
        _("A fault of this program; its log has the request id."),
    ),
    Code.BUSY: CodeText(
        "Too many calls at a time", "Wait for Retry-After.", _("All places for calls at a time were taken.")
    ),
    Code.LOCKED: CodeText(
        "Somebody else is at work on what is to be written",
        "Nothing was sent; wait for Retry-After.",
        _("The sync, or another program, was at work on what was to be written."),
    ),
    Code.NOT_RECORDED: CodeText(
        "The call cannot be recorded, so it was not made",
        "Repeat it later.",
        _("The database did not take the record."),
    ),
    Code.TIMED_OUT: CodeText("Advoware did not answer in time", "A read may be repeated.", _("No answer in time.")),
    Code.OUTCOME_UNKNOWN: CodeText(
        "It is unknown whether Advoware carried out the write",
        "Read the object before repeating.",
        _("A write was sent, and no answer says what became of it."),
    ),
}
