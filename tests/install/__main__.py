"""`python -m tests.install`: builds the wheel, gathers what it needs, and follows docs/DEPLOYMENT.md on a machine made
for it: namespaces of the kernel where they can be had, else as much as goes without them (and it says so).
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.install import bare, page

# Processes, network and mounts of its own; what is started in it ends with it.
NAMESPACES = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]

# To see on a machine that has them what is checked on one that has none.
WITHOUT = "--without-namespaces" in sys.argv


def has_namespaces() -> bool:
    """Whether a folder can be laid over another one here, in a world of its own."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        trial = (
            f"mount -t tmpfs tmpfs {folder} && mkdir {folder}/u {folder}/w"
            f" && mount -t overlay overlay -o lowerdir=/etc,upperdir={folder}/u,workdir={folder}/w /etc"
        )
        return subprocess.run([*NAMESPACES, "sh", "-c", trial], capture_output=True).returncode == 0


def gather(folder: Path) -> None:
    """The wheel, and every package that it needs, so that the machine needs no network."""
    build = [sys.executable, "-m", "build", "--outdir", str(folder), str(page.ROOT)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    wheel = next(folder.glob("advosync-*.whl"))
    constraints = ["--constraint", str(page.ROOT / "constraints.txt")]
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", *constraints]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(wheel)], check=True)
    print(f"built {wheel.name}, and gathered {len(list(folder.glob('*.whl'))) - 1} packages", flush=True)


def main() -> int:
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="advosync-install-", dir="/tmp"))
    try:
        gather(folder)
        if has_namespaces() and not WITHOUT:
            command = [*NAMESPACES, sys.executable, "-m", "tests.install.machine", str(folder)]
            code = subprocess.run(command, cwd=page.ROOT).returncode
        else:
            print("no namespaces here (root and overlays are needed): what can be checked without them", flush=True)
            code = bare.check(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"install-check: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - begun:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
