"""Documents that are written from tables, so that they cannot differ from what the program does."""

import json
from collections.abc import Callable, Mapping

from advosync_project import licences
from advosync_project.declarations import SECTIONS, Necessity, Setting

INTRODUCTION = """\
# Configuration

All settings come from the environment, or from a file `.env` beside `manage.py` (the environment wins;
`ADVOSYNC_ENV_FILE` names another file, empty means none). Installed from a wheel, the file is `.env` in the folder in
which the command is started, else `/etc/advosync/env`. A value that is missing or malformed stops every command with
one line that names the setting, says what is wrong and shows an example.

“Needed” settings must be set once neither `DEBUG` nor `SANDBOX` is on. Secrets are never logged or shown.

Every setting that is marked as *secret* can stand in a file of its own instead, so that it is in no environment:
`SECRET_KEY_FILE=/etc/advosync/secrets/key` names the file, and so on for each, its name with `_FILE` behind. Or the
service manager hands it over: a file called `SECRET_KEY` in the folder that `$CREDENTIALS_DIRECTORY` names, as systemd
does for `LoadCredential=SECRET_KEY:/etc/advosync/secrets/key` and, with a file that only this machine can read, for
`LoadCredentialEncrypted=`. A setting and its `_FILE` together are refused. An empty or unreadable file stops the start.
This page is rendered from `advosync_project/declarations/` by `python manage.py render_docs`.
"""
ENV_INTRODUCTION = """\
# Settings of this installation: copy to .env and fill in. Rendered by `python manage.py render_docs`.
# A line that is commented out shows the default or an example; NEEDED ones have to be set in production.
"""


def env_example() -> str:
    """The text of `.env.example`: every setting with what it is for."""
    lines = [ENV_INTRODUCTION]
    for section in SECTIONS:
        lines.append(f"# === {section.english} ===")
        for setting in section.settings:
            needed = "NEEDED. " if setting.needed is Necessity.production else ""
            value = setting.default or setting.sample
            lines += [f"# {needed}{setting.english} ({setting.kind.expected})", f"#{setting.name}={value}", ""]
    return "\n".join(lines)


def configuration_page() -> str:
    """The text of docs/CONFIGURATION.md: a table for each section, in English and German."""
    parts = [INTRODUCTION]
    for section in SECTIONS:
        title = section.english if section.english == section.german else f"{section.english} · {section.german}"
        rows = "\n".join(_row(setting) for setting in section.settings)
        parts.append(
            f"## {title}\n\n| Setting | Value | Default | What it is for | Wozu es dient |\n"
            f"| --- | --- | --- | --- | --- |\n{rows}\n"
        )
    return "\n".join(parts)


def _row(setting: Setting) -> str:
    marks = [
        word
        for word, holds in (("**needed**", setting.needed is not Necessity.never), ("secret", setting.secret))
        if holds
    ]
    value = _cell(setting.kind.expected) + (f" ({', '.join(marks)})" if marks else "")
    default = f"`{_cell(setting.default)}`" if setting.default else f"none; e.g. `{_cell(setting.sample)}`"
    return f"| `{setting.name}` | {value} | {default} | {_cell(setting.english)} | {_cell(setting.german)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _with_blocks(page: str) -> Callable[[], str]:
    def draw() -> str:
        # Late: the tables are in the applications, which have to be loaded first.
        from advosync_project.blocks import filled

        return filled(page)

    return draw


def openapi_file() -> str:
    """docs/openapi.json: what is offered where an installation has added nothing."""
    from syncapp.core.proxy.resources import RESOURCES
    from syncapp.proxy.openapi import document

    return json.dumps(document(RESOURCES), indent=2, ensure_ascii=False) + "\n"


# Written by hand, with parts that are drawn from tables.
PAGES = (
    "API",
    "ADVOWARE",
    "ARCHITECTURE",
    "CALENDAR",
    "ENTITY_MAPPING",
    "ESPOCRM_SETUP",
    "GOOGLE_SETUP",
    "METRICS",
    "PROXY",
    "SPELLINGS",
    "SYNC_OVERVIEW",
    "TROUBLESHOOTING",
)
DOCUMENTS: Mapping[str, Callable[[], str]] = {
    ".env.example": env_example,
    "docs/CONFIGURATION.md": configuration_page,
    "docs/openapi.json": openapi_file,
    "docs/LICENCES.md": licences.page,
    **{f"docs/{name}.md": _with_blocks(f"docs/{name}.md") for name in PAGES},
}
