"""Addresses of the stand-in Advoware, below /sandbox/advoware/; what is not listed answers 404."""

from django.urls import path

from sandbox.advoware import termin_views, views

API = "api/v1/advonet/"

urlpatterns = [
    path("token", views.token),
    path("api/v1/Token", views.token),
    path("AdvonetConfigurator/api/Url", views.discovery),
    path("swagger/v1/swagger.json", views.describe),
    path(f"{API}Beteiligte", views.resource(POST=views.create)),
    path(f"{API}Beteiligte/<int:bet_nr>", views.resource(GET=views.read, PUT=views.replace)),
    path(f"{API}Beteiligte/<int:bet_nr>/Kommunikationen", views.resource(POST=views.create_kommunikation)),
    path(
        f"{API}Beteiligte/<int:bet_nr>/Kommunikationen/<int:entry_id>",
        views.resource(PUT=views.replace_kommunikation),
    ),
    path(
        f"{API}Beteiligte/<int:bet_nr>/Adressen",
        views.resource(GET=views.entries, POST=views.create_entry),
        {"kind": "adressen"},
    ),
    path(
        f"{API}Beteiligte/<int:bet_nr>/Adressen/<int:number>",
        views.resource(PUT=views.replace_entry),
        {"kind": "adressen"},
    ),
    path(
        f"{API}Beteiligte/<int:bet_nr>/Bankverbindungen",
        views.resource(GET=views.entries, POST=views.create_entry),
        {"kind": "bankverbindungen"},
    ),
    path(f"{API}Beteiligte/<int:bet_nr>/Bankverbindungen/<int:number>", views.resource()),
    path(f"{API}Termine", termin_views.termine),
    path(f"{API}Termine/<str:fr_nr>", termin_views.termin),
    path(f"{API}Mitarbeiter", termin_views.employees),
    path(f"{API}Rechtsformen", views.resource(GET=views.rechtsformen)),
]
