"""The synchronisation app."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

# Each registers itself with the engine (syncapp/engine/registry.py).
ENTITIES = ("syncapp.entities.beteiligte.entity", "syncapp.entities.appointments.entity")


class SyncappConfig(AppConfig):
    name = "syncapp"
    verbose_name = _("Synchronisation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from syncapp import checks  # noqa: F401  importing registers them
        from syncapp.admin.exporting import sources
        from syncapp.engine import dispatcher
        from syncapp.engine.rows import notices
        from syncapp.models import cause
        from syncapp.operations import alerts
        from syncapp.operations.calendars import background
        from syncapp.operations.exports import orders
        from syncapp.operations.maintenance import record_counts
        from syncapp.operations.notifications import notify
        from syncapp.operations.onboarding import roles
        from syncapp.views import people

        people.connect()
        apps.get_app_config("auth").verbose_name = _("Users and roles")
        for module in ENTITIES:
            import_module(module)
        background.install()
        notices.send_with(notify.send_unsent)
        dispatcher.watch_with(alerts.watch_closely)
        orders.open_with(sources.opened)

        post_migrate.connect(roles.install, sender=self, dispatch_uid="advosync_roles")
        pre_migrate.connect(cause.install, sender=self, dispatch_uid="advosync_cause")
        pre_migrate.connect(record_counts.uninstall, sender=self, dispatch_uid="advosync_counts_off")
        post_migrate.connect(record_counts.install, sender=self, dispatch_uid="advosync_counts_on")
