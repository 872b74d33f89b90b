"""Which folder a source means, and which it may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongmai.kit import Invalid
from tongmai.link.readable_folders import allowed_folder, folder_within


def test_a_folder_is_meant_from_where_the_program_runs_or_from_the_inbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inbox = Path("var") / "inbox"
    whole = tmp_path / "var" / "inbox" / "wecom"
    for given in ("wecom", "var/inbox/wecom", str(whole), "./wecom/../wecom"):
        assert folder_within(given, (inbox,)) == whole
    for outside in ("../x", "/etc", "../../../x", str(tmp_path)):
        assert folder_within(outside, (inbox,)) is None
        with pytest.raises(Invalid, match="not among"):
            allowed_folder(outside, (inbox,))


def test_what_is_closed_is_closed_however_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inbox = Path("var") / "inbox"
    closed = (tmp_path / "var" / "inbox" / "wecom",)
    for given in ("wecom", "var/inbox/wecom/files", str(closed[0])):
        with pytest.raises(Invalid, match="archive of talks"):
            allowed_folder(given, (inbox,), closed)
    assert allowed_folder("ledgers", (inbox,), closed) == tmp_path / "var" / "inbox" / "ledgers"
