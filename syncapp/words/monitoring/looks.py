"""How states look in lists and on pages: an icon and a tone, a class of ops.css. What each is called says its model.

Invariant: an icon, a word and a colour, never a colour alone; what another version has written looks unknown.
To extend: a state of the model is a row of its table.
"""

from collections.abc import Mapping

from syncapp.models import BulkState, EventChoice, ExportState, Mode, Result

Look = tuple[str, str]
UNKNOWN: Look = ("help", "off")
TONE_ICONS: Mapping[str, str] = {
    "off": "check",
    "wait": "arrow_right_alt",
    "warn": "warning",
    "bad": "error",
    "good": "check_circle",
}
MODES: Mapping[str, Look] = {
    Mode.LIVE: ("bolt", "good"),
    Mode.SHADOW: ("visibility", "wait"),
    Mode.PAUSED: ("pause_circle", "warn"),
}
# What became of an element of a webhook.
RESULTS: Mapping[str, Look] = {
    Result.WAITING: ("hourglass_top", "wait"),
    Result.COUNTED: ("sync", "good"),
    Result.ECHO: ("replay", "off"),
    Result.IRRELEVANT: ("remove", "off"),
    Result.UNKNOWN: ("help", "warn"),
    Result.SEEKING: ("manage_search", "wait"),
}
EVENT_ICONS: Mapping[str, str] = {
    EventChoice.CREATE: "add_circle",
    EventChoice.UPDATE: "edit",
    EventChoice.DELETE: "delete",
}
# How far an act on many records, or an export, has come.
WORK: Mapping[str, Look] = {
    BulkState.ASKED: UNKNOWN,
    BulkState.RUNNING: ("progress_activity", "wait"),
    BulkState.DONE: ("check_circle", "good"),
    BulkState.STOPPED: ("stop_circle", "off"),
    ExportState.FAILED: ("error", "bad"),
}
