"""Every setting of an installation, declared once.

settings.py reads the values from this table; `.env.example` and docs/CONFIGURATION.md are rendered from it.
Invariant: no other code reads the environment for a setting. To add one, add a row to the module of its section
(name, kind, default, what it is for in English and German), give it a line in settings.py only if Django needs it
in another shape, and run `python manage.py render_docs`.
"""

from advosync_project.declarations.alerts import ALERTS
from advosync_project.declarations.calendars import CALENDAR, GOOGLE
from advosync_project.declarations.children import CHILDREN
from advosync_project.declarations.installation import INSTALLATION, SECURITY
from advosync_project.declarations.proxy import PROXY
from advosync_project.declarations.remotes import ADVOWARE, ESPOCRM
from advosync_project.declarations.rows import Necessity, Section, Setting
from advosync_project.declarations.sign_in import SIGN_IN
from advosync_project.declarations.sync import SYNC

__all__ = ["SECTIONS", "SETTINGS", "Necessity", "Section", "Setting"]

SECTIONS = (INSTALLATION, SECURITY, SIGN_IN, ESPOCRM, ADVOWARE, SYNC, CHILDREN, GOOGLE, CALENDAR, PROXY, ALERTS)
SETTINGS: dict[str, Setting] = {row.name: row for section in SECTIONS for row in section.settings}
