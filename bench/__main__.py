"""Runs the measurements one after the other (``python -m bench [NAME …]``); ``BENCH_FULL=1`` takes the full sizes."""

from __future__ import annotations

import subprocess
import sys
import time

NAMES = (
    "formula",
    "records",
    "matters",
    "replica",
    "add_field",
    "import_",
    "http_",
    "startup",
    "metrics",
    "backtest",
    "messages",
    "message_archive",
    "understanding",
    "consents",
    "capture",
    "screen",
)


def main() -> int:
    chosen = sys.argv[1:] or NAMES
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    failed = 0
    for name in chosen:
        print(f"\n== {name} ==", flush=True)
        started = time.perf_counter()
        failed += subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode != 0
        print(f"({time.perf_counter() - started:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
