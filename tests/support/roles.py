"""The usual roles as groups, whatever language their names are in, and browsers of people who have them."""

from django.contrib.auth.models import Group, User
from django.test import Client

from syncapp.operations.onboarding.roles import names_of


def group_of(role: str) -> Group:
    return Group.objects.get(name__in=names_of(role))


def client_of(user: User, language: str = "de") -> Client:
    """A browser that this person has logged in with."""
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client
