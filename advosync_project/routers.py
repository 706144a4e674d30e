"""The stand-ins keep their tables in a database of their own, as two separate systems would."""

from typing import Any


class SandboxRouter:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "sandbox" if model._meta.app_label == "sandbox" else None

    db_for_write = db_for_read

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool | None:
        return None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (app_label == "sandbox") == (db == "sandbox")
