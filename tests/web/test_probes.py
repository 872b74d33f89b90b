"""The probes: what the program does is told to this machine and to whoever was given a token, and to nobody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from tests.web.company import Company, SignIn

from tongmai.kit import Settings
from tongmai.web import Services, create_app

TOKEN = "a-token-of-the-scraper"


async def figures(
    services: Services, ui: Path, ip: str, headers: dict[str, str] | None = None, **own: Any
) -> httpx.Response:
    given = services.settings.model_dump(include={"data_dir"}) | own
    app = create_app(replace(services, settings=Settings.model_validate(given)), ui=ui)
    transport = httpx.ASGITransport(app, client=(ip, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://tongmai.test", headers=headers) as client:
        return await client.get("/metrics")


@pytest.mark.parametrize(
    ("ip", "headers", "own", "status"),
    [
        ("127.0.0.1", {}, {}, 200),
        ("::1", {}, {}, 200),
        ("192.168.1.9", {}, {}, 401),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, {}, 401),
        ("127.0.0.1", {"forwarded": "for=203.0.113.9"}, {}, 401),
        ("192.168.1.9", {}, {"metrics_from": ["192.168.1.0/24"]}, 200),
        ("127.0.0.1", {}, {"metrics_from": ["192.168.1.0/24"]}, 401),
        ("127.0.0.1", {}, {"metrics_from": []}, 401),
        ("192.168.1.9", {"authorization": f"Bearer {TOKEN}"}, {"metrics_token": TOKEN}, 200),
        ("192.168.1.9", {"authorization": f"Bearer {TOKEN}x"}, {"metrics_token": TOKEN}, 401),
        ("192.168.1.9", {"authorization": "Bearer "}, {}, 401),
        ("192.168.1.9", {"authorization": "Bearer None"}, {}, 401),
        ("unix", {}, {}, 401),
    ],
)
async def test_figures_are_for_this_machine_and_for_who_was_let_in(
    services: Services, tmp_path: Path, ip: str, headers: dict[str, str], own: dict[str, Any], status: int
) -> None:
    answer = await figures(services, tmp_path, ip, headers, **own)
    assert answer.status_code == status
    assert ("tongmai_http_request_seconds" in answer.text) == (status == 200)


async def test_figures_are_not_for_people_who_administer_no_jobs(
    services: Services, tmp_path: Path, sign_in: SignIn, company: Company
) -> None:
    for who, scopes, status in (("anna", ["read"], 403), ("admin", ["read"], 403), ("admin", ["admin"], 200)):
        client = await sign_in(who)
        made = (await client.post("/api/tokens", json={"name": "scraper", "scopes": scopes})).json()
        answer = await figures(services, tmp_path, "192.168.1.9", {"authorization": f"Bearer {made['token']}"})
        assert answer.status_code == status, (who, scopes)


def test_a_network_or_a_token_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"metrics_from": ["everywhere"]})
    with pytest.raises(ValidationError):
        Settings.model_validate({"metrics_token": "short"})
