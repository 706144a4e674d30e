"""The guide for clerks and operators, in the admin: docs/BEDIENUNG.md in German, docs/OPERATIONS.md in English.

Invariant: what is shown is the document of this very version; nothing but its own pictures is served from the folder.
To extend: a further language is a row of GUIDES.
"""

import re
from functools import lru_cache
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from advosync_project import places
from syncapp.admin.pages import frame

DOCS = places.DOCS
GUIDES = {"de": "BEDIENUNG.md", "en": "OPERATIONS.md"}
PICTURE = re.compile(r"[a-z-]+\.png")
TITLE = re.compile(r"\A# .*\n")
HEADING = re.compile(r"<h2>(.*?)</h2>")
# Other documents are not served here; their names remain as words.
ELSEWHERE = re.compile(r'<a href="[^"#:]*\.md[^"]*">(.*?)</a>')


@frame.shows()
def guide(request: HttpRequest) -> HttpResponse:
    """How to work with this, in the language of the page."""
    path = DOCS / GUIDES.get((translation.get_language() or "de")[:2], GUIDES["de"])
    if not path.is_file():
        raise Http404
    return frame.page(request, "ops/guide.html", title=_("Guide"), guide=rendered(path, path.stat().st_mtime))


@lru_cache(maxsize=4)
def rendered(path: Path, _changed: float) -> SafeString:
    """The document as HTML. It is ours: a file of the installation, not what anybody typed."""
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(TITLE.sub("", path.read_text("utf-8")))
    html = HEADING.sub(lambda found: f'<h2 id="{slugify(found[1], allow_unicode=True)}">{found[1]}</h2>', html)
    return mark_safe(ELSEWHERE.sub(r"\1", html).replace("<table>", '<table class="ops-table">'))  # noqa: S308  # nosec


@frame.shows()
def picture(request: HttpRequest, name: str) -> FileResponse:
    path = DOCS / "pictures" / name
    if not PICTURE.fullmatch(name) or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")
