"""Advoware for the firm's other programs."""

from advosync_project import kinds
from advosync_project.declarations.rows import Section, Setting

PROXY = Section(
    "Advoware for other programs (proxy)",
    "Advoware für andere Programme (Proxy)",
    (
        Setting(
            "PROXY_ENABLED",
            kinds.BOOLEAN,
            "false",
            "Other programs may use Advoware through this installation, each with a key of its own.",
            "Andere Programme dürfen Advoware über diese Installation benutzen, jedes mit einem eigenen Schlüssel.",
        ),
        Setting(
            "PROXY_RESOURCES",
            kinds.RESOURCES,
            "",
            "Further addresses of Advoware that are offered, beside those of docs/PROXY.md. `GET *` offers everything "
            "and shows red in doctor.",
            "Weitere Adressen von Advoware, die angeboten werden, neben denen in docs/PROXY.md. `GET *` bietet alles "
            "an und erscheint in doctor rot.",
            example="GET Sachgebiete,GET+PUT Akten/{id}/Notizen/{int}",
        ),
        Setting(
            "PROXY_PARALLEL",
            kinds.integer(1),
            "8",
            "Calls to Advoware at a time, in one web process; the rest is told to come again.",
            "Gleichzeitige Aufrufe von Advoware je Webprozess; weitere werden gebeten, es erneut zu versuchen.",
        ),
        Setting(
            "PROXY_RATE_PER_MINUTE",
            kinds.integer(1),
            "60",
            "Calls per minute that a new key may make; ten times as many are let through to Advoware in all.",
            "Aufrufe je Minute, die ein neuer Schlüssel machen darf; insgesamt wird das Zehnfache durchgelassen.",
        ),
        Setting(
            "PROXY_MAX_REQUEST_KIB",
            kinds.integer(1),
            "1024",
            "Largest body of a request in KiB. The web server in front needs the same bound.",
            "Größter Inhalt einer Anfrage in KiB. Der Webserver davor braucht dieselbe Grenze.",
        ),
        Setting(
            "PROXY_MAX_ANSWER_KIB",
            kinds.integer(1),
            "10240",
            "Largest answer of Advoware in KiB that is passed on.",
            "Größte Antwort von Advoware in KiB, die weitergegeben wird.",
        ),
    ),
)
