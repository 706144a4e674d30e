"""The usual roles as groups, whatever language their names are in."""

from django.contrib.auth.models import Group

from syncapp.operations.onboarding.roles import names_of


def group_of(role: str) -> Group:
    return Group.objects.get(name__in=names_of(role))
