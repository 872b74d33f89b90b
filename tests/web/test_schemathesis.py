"""Whatever fits (or just does not fit) the API's own description, nothing in it is answered by a 5xx."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from tests.web.company import Running

# The stream never ends; signing out and changing the own password would end the run's own session or token.
_LEFT_OUT = ("/api/stream", "/api/session", "/api/session/workspace", "/api/password", "/api/oidc/start", "/metrics")


@pytest.mark.slow
async def test_no_call_fails_inside(server: Running, token: str, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.address}/api/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--checks", "not_a_server_error", "--max-examples", "3",
        "--phases", "coverage,fuzzing", "--mode", "all", "--seed", "20261102", "--max-time", "60",
        "--suppress-health-check", "all", "--continue-on-failure", "--no-color", "--warnings", "off",
        "--generation-database", "none",
    ]  # fmt: skip
    for path in _LEFT_OUT:
        command += ["--exclude-path", path]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), 240)
    assert process.returncode == 0, said.decode()[-8000:]
