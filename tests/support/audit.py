"""pip-audit over the pinned packages, where its database can be reached; says so where it cannot."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTS = ("requirements.txt", "constraints.txt")
COMMAND = ["-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--no-deps", "--disable-pip"]


def main() -> int:
    lists = [option for name in LISTS for option in ("-r", str(ROOT / name))]
    result = subprocess.run([sys.executable, *COMMAND, *lists], capture_output=True, text=True, timeout=300)
    try:
        packages = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("pip-audit: skipped, its database cannot be reached from here")
        return 0
    audited = [package for package in packages if "vulns" in package]
    bad = [package for package in audited if package["vulns"]]
    for package in bad:
        ids = ", ".join(fault["id"] for fault in package["vulns"])
        print(f"pip-audit: {package['name']} {package['version']}: {ids}")
    if not audited:
        print("pip-audit: skipped, its database answers for no package here")
    elif not bad:
        print(f"pip-audit: {len(audited)} packages, no known vulnerability")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
