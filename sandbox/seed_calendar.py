"""Three employees of Advoware with Termine of every sort, around today; Google stays empty.

A further sort is a row of TERMINE: days from today, who, and the fields.
"""

from datetime import date, timedelta

from django.db import transaction

from sandbox.advoware import termine
from sandbox.models.advoware import Mitarbeiter, Termin

EMPLOYEES = (
    ("SB", "Sabine", "Berg", "sabine.berg@kanzlei.example"),
    ("AI", "Alexander", "Imhof", "alexander.imhof@kanzlei.example"),
    ("RO", "Renate", "Otto", "renate.otto@kanzlei.example"),
)
TERMINE: tuple[tuple[int, str, dict[str, object]], ...] = (
    (0, "SB", {"uhrzeitVon": "09:00:00", "uhrzeitBis": "10:00:00", "text": "Besprechung Neumandat", "ort": "Kanzlei"}),
    (
        1,
        "SB",
        {
            "uhrzeitVon": "10:30:00",
            "uhrzeitBis": "12:00:00",
            "text": "Verhandlung LG Hannover",
            "ort": "Saal 2.07",
            "notiz": "Akte mitnehmen\nMandant kommt selbst",
            "vorbereitungsDauer": "00:30:00",
        },
    ),
    (3, "SB", {"uhrzeitVon": "15:00:00", "text": "Rückruf Sachverständige"}),
    (-3, "SB", {"uhrzeitVon": "14:00:00", "uhrzeitBis": "15:00:00", "text": "Gütetermin"}),
    (
        2,
        "SB",
        {
            "uhrzeitVon": "08:30:00",
            "uhrzeitBis": "09:00:00",
            "text": "Postbesprechung",
            "dauertermin": 1,
            "turnus": 1,
            "turnusArt": 2,
            "datumBis": 120,
        },
    ),
    (4, "AI", {"uhrzeitVon": "00:00:00", "uhrzeitBis": "23:59:00", "text": "Fortbildung Familienrecht", "datumBis": 5}),
    (1, "AI", {"uhrzeitVon": "09:00:00", "uhrzeitBis": "09:45:00", "text": "Zahnarzt", "privat": 1}),
    (
        -400,
        "AI",
        {
            "uhrzeitVon": "17:00:00",
            "uhrzeitBis": "17:30:00",
            "text": "Fristenkontrolle",
            "dauertermin": 1,
            "turnus": 1,
            "turnusArt": 2,
            "datumBis": 4000,
        },
    ),
    (6, "AI", {"uhrzeitVon": "22:00:00", "uhrzeitBis": "02:00:00", "text": "Notdienst", "datumBis": 7}),
    (1, "RO", {"text": "Wiedervorlage Müller ./. Schmidt"}),
    (2, "RO", {"uhrzeitVon": "11:00:00", "uhrzeitBis": "11:00:00", "text": "Fristablauf Berufung"}),
    (8, "RO", {"uhrzeitVon": "13:00:00", "uhrzeitBis": "14:00:00", "text": "Notar Dr. Weiß", "ort": "Marktstraße 5"}),
    (
        5,
        "ALLE",
        {"uhrzeitVon": "12:00:00", "uhrzeitBis": "13:00:00", "text": "Kanzleibesprechung", "ort": "Bibliothek"},
    ),
)


def is_empty() -> bool:
    return not (Mitarbeiter.objects.exists() or Termin.objects.exists())


def load(*, today: date) -> dict[str, int]:
    """Answers how many employees and Termine there are now. `datumBis` of a row: days from today, too."""
    with transaction.atomic(using="sandbox"):
        for kuerzel, vorname, name, email in EMPLOYEES:
            termine.employ(kuerzel=kuerzel, vorname=vorname, name=name, email=email)
        for days, anwalt, fields in TERMINE:
            last = fields.get("datumBis")
            until = (today + timedelta(days=last)).isoformat() if isinstance(last, int) else None
            day = (today + timedelta(days=days)).isoformat()
            termine.create({**fields, "anwalt": anwalt, "sb": anwalt, "datum": day, "datumBis": until})
    return {"employees": Mitarbeiter.objects.count(), "termine": Termin.objects.count()}
