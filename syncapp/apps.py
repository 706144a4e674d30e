"""The synchronisation app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SyncappConfig(AppConfig):
    name = "syncapp"
    verbose_name = _("Synchronisation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from syncapp import checks  # noqa: F401  importing registers them
        from syncapp.operations.onboarding import roles

        post_migrate.connect(roles.install, sender=self, dispatch_uid="advosync_roles")
