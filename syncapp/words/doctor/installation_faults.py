"""Faults of the installation itself: settings, database, disk, Redis, workers, the clock. See faults.py."""

from django.utils.translation import gettext_lazy as _

from syncapp.words.doctor.diagnosis import Diagnosis, red, yellow

_START = _("Start the services (systemctl start advosync.target) and look at their logs.")

INSTALLATION: dict[str, Diagnosis] = {
    "check_failed": red(
        _("The check itself failed (%(error)s)."),
        _("Something that nobody foresaw."),
        _("Send this line to whoever looks after Advosync."),
    ),
    "settings_error": red(
        "%(message)s", _("Settings that contradict one another."), _("%(hint)s docs/CONFIGURATION.md has them all.")
    ),
    "settings_warning": yellow(
        "%(message)s", _("A setting that is misspelled, or not fit for production."), "%(hint)s"
    ),
    "public_url_missing": red(
        _("PUBLIC_URL is not set."),
        _("EspoCRM has to know where to send its webhooks, and links have to lead here."),
        _("Set PUBLIC_URL to the address under which EspoCRM reaches this installation."),
    ),
    "database_away": red(
        _("The database does not answer (%(error)s)."),
        _("It is stopped, or DATABASE_URL is wrong."),
        _("Start it, or correct DATABASE_URL."),
    ),
    "database_refused": red(
        _("This user may not write to %(path)s."),
        _("A command was run as root or as another user, and made files there."),
        _("Run commands as the service's user; give it what lies there: chown advosync:advosync %(path)s"),
    ),
    "migrations_missing": red(
        _("%(detail)s of the database's migrations."),
        _("The program was updated and the database was not."),
        _("Run python manage.py migrate, then start the services again."),
    ),
    "wal_off": red(
        _("SQLite works with journal mode %(mode)s."),
        _("The file lies on a file system without shared memory, such as a network drive."),
        _("Put the database on a local disk, or use PostgreSQL."),
    ),
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
    "disk_full": red(
        _("Only %(free)s MB are free in %(path)s."),
        _("Logs, backups or other programs."),
        _("Make room; below 200 MB writes begin to fail."),
    ),
    "disk_low": yellow(
        _("Only %(free)s MB are free in %(path)s."), _("Logs, backups or other programs."), _("Make room soon.")
    ),
    "redis_away": red(
        _("Redis does not answer (%(error)s)."),
        _("It is stopped, or REDIS_URL is wrong. Webhooks are kept meanwhile and synced later."),
        _("Start it, or correct REDIS_URL."),
    ),
    "redis_old": red(
        _("Redis is version %(version)s."), _("The queues need version 5 or newer."), _("Update Redis or Valkey.")
    ),
    "redis_evicts": red(
        _("Redis throws keys away when memory is short (%(policy)s)."),
        _("maxmemory-policy is not noeviction."),
        _("Set maxmemory-policy noeviction for this Redis."),
    ),
    "redis_forgets": yellow(
        _("Redis keeps nothing over a restart."),
        _("Neither appendonly nor save is switched on."),
        _("Set appendonly yes. Without it queued jobs wait for the dispatcher after a restart; nothing is lost."),
    ),
    "no_worker": red(
        _("No worker serves the queue %(queue)s."),
        _("The worker is not started, or it died and nothing starts it again."),
        _START,
    ),
    "web_unreachable": yellow(
        _("%(address)s was not reached from this machine: %(reason)s."),
        _("nginx is stopped, its certificate or the name is wrong, or the address can be reached from outside only."),
        _("Try it here and on EspoCRM's machine: curl -I %(address)s"),
    ),
    "web_closed": yellow(
        _("What stands before %(address)s does not let this machine in (%(status)s)."),
        _("A web server or firewall in front lets certain addresses in only."),
        _("See that EspoCRM's machine is among them. Try it there: curl -I %(address)s has to say 405."),
    ),
    "web_redirects": red(
        _("%(address)s leads on to another address (%(status)s): webhooks are lost."),
        _("PUBLIC_URL is not the final address, or the web side does not know that it was asked by https."),
        _("Set TRUST_PROXY_HEADERS=true and take over deploy/nginx.conf, or correct PUBLIC_URL and run setup_espocrm."),
    ),
    "web_away": red(
        _("Nothing of Advosync answers at %(address)s (%(status)s). Of webhooks only those that get 503 come again."),
        _("The web process is not started, or the web server in front looks for it at another port."),
        _START,
    ),
    "web_strange": red(
        _("What answers at %(address)s is not this installation (%(status)s, not 405): webhooks are lost."),
        _("PUBLIC_URL leads elsewhere, another site answers for that name, or ALLOWED_HOSTS does not name the host."),
        _("Correct PUBLIC_URL or ALLOWED_HOSTS, or take over deploy/nginx.conf; then run setup_espocrm."),
    ),
    "other_installation": red(
        _("Another program syncs the same EspoCRM: %(number)s records within a day, the last at %(at)s."),
        _("A second Advosync (a test machine, a copy of this one), or the program that was there before."),
        _("Find it and stop it: two at once can make a person twice. Then look through the persons made since."),
    ),
    "scheduler_silent": red(
        _("The dispatcher last ran %(age)s ago."),
        _("The scheduler or the worker of the queue schedule is not running."),
        _START,
    ),
    "scheduler_never": red(
        _("The dispatcher has never run."),
        _("The scheduler or the worker of the queue schedule has not been started yet."),
        _START,
    ),
    "job_failing": red(
        _("%(name)s has failed %(failures)s times in a row since %(since)s: %(fault)s"),
        _("A fault in a system that it asks, or in this program."),
        _("Mend what the error names; else send it to whoever looks after Advosync."),
    ),
    "sweep_late": red(
        _("The last sweep was %(age)s ago."),
        _("The scheduler is not running, or sweeps take longer than their interval."),
        _START,
    ),
    "sweep_never": red(_("There has been no sweep yet."), _("The scheduler has not been running for long."), _START),
    "sweep_fault": yellow(
        _("The last sweep could not do everything: %(fault)s"),
        _("A system did not answer in its time."),
        _("Look at the lines below; the next sweep tries again."),
    ),
    "paused": yellow(
        _("Everything is paused since %(since)s by %(by)s."),
        _("Somebody has paused the installation: %(reason)s"),
        _("python manage.py mode live goes on."),
    ),
    "shadow": yellow(
        _("The installation is in shadow: it plans and writes nothing."),
        _("A new installation begins like this."),
        _("Look at python manage.py backfill --preview, then python manage.py mode live."),
    ),
    "breaker_open": red(
        _("%(system)s is not called since %(since)s: %(reason)s"),
        _("It refused the login, answered strangely, or failed several times in a row."),
        _("Mend what the lines of that system say; then it is tried again by itself, at %(until)s at the latest."),
    ),
    "proxy_everything": red(
        _("The proxy offers all of Advoware (%(methods)s)."),
        _("PROXY_RESOURCES has a row for everything (*): a key with a grant for it has the firm's full rights."),
        _("Name the resources that are needed instead of *."),
    ),
    "proxy_plain": red(
        _("Keys of the proxy cross the network in the clear."),
        _("PUBLIC_URL is no https address, so neither is that of the proxy."),
        _("Put a web server with https in front (docs/DEPLOYMENT.md), and set PUBLIC_URL to it."),
    ),
    "proxy_no_key": yellow(
        _("The proxy is switched on, and no key can be used."),
        _("None was made, or all of them have ended or were revoked."),
        _("Make one with python manage.py proxy_key create, or unset PROXY_ENABLED."),
    ),
    "proxy_key_ends": yellow(
        _("The key “%(name)s” ends on %(until)s."),
        _("A key lasts a year unless another end was chosen."),
        _("Make a new one, enter it in the program, and revoke this one; or move its end in the admin."),
    ),
    "proxy_key_ended": yellow(
        _(
            "The key “%(name)s” ended on %(at)s; its program sent it last on %(used)s, and is refused unless it has a "
            "new one."
        ),
        _("A key lasts a year unless another end was chosen."),
        _("Move its end in the admin, or make a new one; revoke it if its program is gone or has a new one."),
    ),
    "proxy_key_useless": yellow(
        _("The key “%(name)s” has a grant for something that is not offered: %(grant)s."),
        _("PROXY_RESOURCES or the table of resources has changed since the key was made."),
        _("Add the resource to PROXY_RESOURCES, or make a key without that grant."),
    ),
    "proxy_key_limitless": yellow(
        _("The key “%(name)s” has a grant whose fixed value would be no limit: %(grant)s. It opens nothing there."),
        _("Nothing of that resource tells whose an object is, and Advoware ignores parameters that it does not know."),
        _("Make a new key whose grants name Termine (kuerzel=…), or fix no value; then revoke this one."),
    ),
}
