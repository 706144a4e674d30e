"""How the admin's frame looks: name, colours, navigation. What stands on its pages is in syncapp/admin.

Invariant: everything that depends on the visitor is a dotted path, resolved at request time; no database here.
"""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

# A quiet petrol: none of the colours that stand for good, waiting or bad.
PRIMARY = {
    "50": "#effafc",
    "100": "#d7f1f6",
    "200": "#b3e2ec",
    "300": "#7ecbdc",
    "400": "#42abc4",
    "500": "#268ea9",
    "600": "#1f738e",
    "700": "#1f5d74",
    "800": "#214d60",
    "900": "#1f4152",
    "950": "#0f2937",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Advosync",
    "SITE_HEADER": "Advosync",
    "SITE_SUBHEADER": _("EspoCRM ⇄ Advoware"),
    "SITE_SYMBOL": "sync_alt",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("syncapp/icon.svg")},
    ],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "COLORS": {"primary": PRIMARY},
    "STYLES": [lambda request: static("syncapp/ops.css")],
    "SCRIPTS": [lambda request: static("syncapp/ops.js")],
    "DASHBOARD_CALLBACK": "syncapp.admin.pages.home.dashboard",
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": "syncapp.admin.navigation.sidebar"},
}
