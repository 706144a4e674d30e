"""Compiles the translations with Python alone, so that no machine needs gettext to show German.

`python -m advosync_project.translations` writes each .mo that is missing or older than its .po.
"""

from pathlib import Path

import polib

LOCALES = Path(__file__).resolve().parent.parent / "syncapp" / "locale"


def compile_all(folder: Path = LOCALES) -> list[Path]:
    """The files that were written."""
    stale = [source for source in sorted(folder.rglob("*.po")) if _is_newer(source, source.with_suffix(".mo"))]
    for source in stale:
        polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))
    return stale


def _is_newer(source: Path, compiled: Path) -> bool:
    return not compiled.exists() or source.stat().st_mtime > compiled.stat().st_mtime


if __name__ == "__main__":
    for written in compile_all():
        print(f"compiled {written.relative_to(LOCALES)}")
