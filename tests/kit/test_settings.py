from __future__ import annotations

import pytest
from pydantic import ValidationError

from tongmai.kit import Settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGMAI_PORT", "9000")
    monkeypatch.setenv("TONGMAI_DATABASE_URL", "postgresql://user:hunter2@localhost/x")
    settings = Settings()
    assert settings.port == 9000
    assert "hunter2" not in repr(settings)


def test_a_senseless_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGMAI_PORT", "70000")
    with pytest.raises(ValidationError):
        Settings()


def test_every_setting_says_what_it_means() -> None:
    assert all(each.description for each in Settings.model_fields.values())
