"""What the doctor says of a pooler before PostgreSQL."""

from django.utils.translation import gettext_lazy as _

from syncapp.operations.doctor.diagnosis import Diagnosis, red, yellow

POOLING: dict[str, Diagnosis] = {
    "pooler_unknown": yellow(
        _("PgBouncer or the like stands before PostgreSQL, and DATABASE_TRANSACTION_POOLING is off."),
        _("Where it gives each transaction another connection, exports, comparisons and sweeps fail half-way."),
        _("Set DATABASE_TRANSACTION_POOLING=true, unless pool_mode is session."),
    ),
    "pooler_prepares": red(
        _("DATABASE_URL asks for prepared statements, and a pooler stands before PostgreSQL."),
        _("prepare_threshold is set; such a statement is known to one connection alone."),
        _("Take prepare_threshold out of DATABASE_URL."),
    ),
}
