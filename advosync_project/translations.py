"""Compiles the translations with Python alone, so that no machine needs gettext to show German.

`python -m advosync_project.translations` writes each .mo that is missing or older than its .po.
"""

from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent


def compile_all(root: Path = ROOT) -> list[Path]:
    """The .po files of every app's `locale` folder whose .mo was written anew."""
    stale = [source for source in sorted(root.glob("*/locale/*/LC_MESSAGES/*.po")) if _is_stale(source)]
    for source in stale:
        polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))
    return stale


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or source.stat().st_mtime > compiled.stat().st_mtime


if __name__ == "__main__":
    for written in compile_all():
        print(f"compiled {written.relative_to(ROOT)}")
