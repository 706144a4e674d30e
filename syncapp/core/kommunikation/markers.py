"""The marker grammar: what the sync writes into the remark (`bemerkung`) of an Advoware entry.

    marker  [ESPOCRM:<base64 of the value, UTF-8>:<kommKz>]
    slot    [ESPOCRM-SLOT:<kommKz>]          an emptied entry that may be filled again

Purpose: people read the remark, other programs left markers in it, and the markers are what everything is rebuilt from
when our database is lost.
Invariant: whatever is no decodable marker is the user's own text and survives every rewrite to the letter; a marker
written where there was none stands first, parted from the text by one space. Nothing here raises, whatever the remark.
To extend: a third kind of marker is a class with `text`, and a branch in `_PATTERN` and in `_decode`.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from syncapp.core.spelling.letters import plain
from syncapp.core.spelling.storable import as_it_came, storable

SEPARATOR = " "
_KOMM_KZ = r"1[0-2]|[1-9]"
_PATTERN = re.compile(
    rf"\[ESPOCRM:(?P<value>[A-Za-z0-9+/]+={{0,2}}):(?P<value_kz>{_KOMM_KZ})\]|\[ESPOCRM-SLOT:(?P<slot_kz>{_KOMM_KZ})\]"
)


@dataclass(frozen=True)
class Marker:
    """The value that both sides held when it was written, in EspoCRM's spelling, and the entry's kommKz."""

    value: str
    komm_kz: int

    @property
    def text(self) -> str:
        # surrogatepass: broken JSON can hand out half a character, which must neither crash nor change.
        packed = base64.b64encode(as_it_came(self.value).encode("utf-8", "surrogatepass")).decode("ascii")
        return f"[ESPOCRM:{packed}:{self.komm_kz}]"


@dataclass(frozen=True)
class SlotMarker:
    """An emptied entry that keeps its kommKz."""

    komm_kz: int

    @property
    def text(self) -> str:
        return f"[ESPOCRM-SLOT:{self.komm_kz}]"


AnyMarker = Marker | SlotMarker


@dataclass(frozen=True)
class Marks:
    """A remark, read. `found` is the first decodable marker; `before` and `after` are the text around it."""

    found: AnyMarker | None = None
    before: str = ""
    after: str = ""

    @property
    def marker(self) -> Marker | None:
        return self.found if isinstance(self.found, Marker) else None

    @property
    def slot(self) -> SlotMarker | None:
        return self.found if isinstance(self.found, SlotMarker) else None

    @property
    def user_text(self) -> str:
        """What people wrote, without any marker and without the space that parted it from one."""
        return self.before + self.after.removeprefix(SEPARATOR) if self.found else self.after

    def rewritten(self, marker: AnyMarker) -> str:
        """The remark with this marker: in the place of the one that is there, else in front of the text."""
        if self.found:
            return self.before + marker.text + self.after
        return marker.text + SEPARATOR + self.after if self.after else marker.text


def parse(bemerkung: str | None) -> Marks:
    """Reads a remark. Of several markers the first decodable one counts; the others belong to nobody's text."""
    remark = bemerkung or ""
    found: AnyMarker | None = None
    rest: list[str] = []
    before, position = "", 0
    for match in _PATTERN.finditer(remark):
        marker = _decode(match)
        if marker is None:
            continue
        if found is None:
            found, before, position = marker, remark[: match.start()], match.end()
            continue
        rest.append(remark[position : match.start()])
        position = match.end() + remark.startswith(SEPARATOR, match.end())
    return Marks(found=found, before=before, after="".join([*rest, remark[position:]]))


def strip(bemerkung: str | None) -> str:
    """The user's text alone."""
    return parse(bemerkung).user_text


def same_remark(sent: str, kept: str | None) -> bool:
    """Whether a remark arrived whole. White space and composed letters that the target respells are no loss."""
    return plain(sent).split() == plain(kept or "").split()


def _decode(match: re.Match[str]) -> AnyMarker | None:
    if match["slot_kz"]:
        return SlotMarker(int(match["slot_kz"]))
    try:
        value = base64.b64decode(match["value"], validate=True).decode("utf-8", "surrogatepass")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Marker(storable(value), int(match["value_kz"])) if value.strip() else None
