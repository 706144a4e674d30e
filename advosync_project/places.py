"""Where the program is, and where an installation keeps its things: in a checkout, or installed from a wheel.

| | checkout | wheel |
| --- | --- | --- |
| relative paths count from | the folder of `manage.py` | the folder in which the command is started |
| settings | `.env` there | `.env` there, else `/etc/advosync/env` |
| collected static files | `staticfiles` there | `staticfiles` in `VAR_DIR` |
| templates, guides, examples | their folders there | within this package, put there by setup.py |

`ADVOSYNC_ENV_FILE` names another file of settings in both. Invariant: nothing is written beside the program of a wheel.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SOURCE = PACKAGE.parent
IS_CHECKOUT = (SOURCE / "manage.py").is_file()
HOME = SOURCE if IS_CHECKOUT else Path.cwd()
TEMPLATES = SOURCE / "templates" if IS_CHECKOUT else PACKAGE / "templates"
DOCS = SOURCE / "docs" if IS_CHECKOUT else PACKAGE / "docs"
DEPLOY = SOURCE / "deploy" if IS_CHECKOUT else PACKAGE / "deploy"
ENV_EXAMPLE = SOURCE / ".env.example" if IS_CHECKOUT else DEPLOY / "env.example"
SYSTEM_SETTINGS = Path("/etc/advosync/env")


def env_file() -> Path:
    """The file of settings where ADVOSYNC_ENV_FILE names none."""
    own = HOME / ".env"
    return own if IS_CHECKOUT or own.is_file() else SYSTEM_SETTINGS


def static_root(var: Path) -> Path:
    return HOME / "staticfiles" if IS_CHECKOUT else var / "staticfiles"
