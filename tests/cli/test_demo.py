"""tongmai demo from outside: what it says where there is nothing to score, and that it never touches other workspaces."""

from __future__ import annotations

from pathlib import Path

from tongmai.cli.demo import first_company
from tongmai.cli.output import Output
from tongmai.kit import Settings

from .conftest import Tongmai


def test_there_is_nothing_to_score_before_it_is_loaded(tongmai: Tongmai) -> None:
    ended = tongmai("demo", "--score")
    assert ended.code == 1
    assert "Run tongmai demo first" in ended.err


def test_a_company_of_less_than_a_customer_each_is_wrong_usage(tongmai: Tongmai) -> None:
    assert tongmai("demo", "--customers", "3").code == 2


async def test_a_folder_with_workspaces_of_its_own_gets_no_demo(acme: str, settings: Settings, tmp_path: Path) -> None:
    given = settings.model_copy(update={"data_dir": tmp_path / "var"})
    assert acme
    assert await first_company(Output(True, "en"), given) == ()
    assert not (tmp_path / "var" / "demo").exists()
