"""What pyproject.toml cannot say: the packages that it needs stand in requirements.txt alone, and a wheel carries the
compiled German texts, the templates, the guides and the examples of deploy/."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
# Into the package advosync_project, as advosync_project/places.py looks for them.
CARRIED = {
    "templates": ("templates", "**/*.html"),
    "docs": ("docs", "*.md"),
    "docs/pictures": ("docs/pictures", "*.png"),
    "deploy": ("deploy", "**/*"),
}


def requirements() -> list[str]:
    lines = (line.strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


class BuildWithEverything(build_py):
    def run(self) -> None:
        _compile_translations()
        super().run()
        package = Path(self.build_lib) / "advosync_project"
        for target, (source, pattern) in CARRIED.items():
            for path in (ROOT / source).glob(pattern):
                if path.is_file():
                    place = package / target / path.relative_to(ROOT / source)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, place)
        shutil.copy(ROOT / ".env.example", package / "deploy" / "env.example")


def _compile_translations() -> None:
    import polib

    for source in ROOT.glob("*/locale/*/LC_MESSAGES/*.po"):
        polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))


setup(install_requires=requirements(), cmdclass={"build_py": BuildWithEverything})
