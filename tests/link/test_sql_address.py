"""A source's address is a model manager's word: it leads to databases elsewhere, never into the machine itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongmai.kit import Invalid
from tongmai.link.sources.sql_address import read_url


def refused(given: str, *folders: Path) -> set[str]:
    with pytest.raises(Invalid) as found:
        read_url(given, None, folders)
    return {fault.code for fault in found.value.faults}


@pytest.mark.parametrize(
    "given",
    [
        "mssql+pymssql://reader@erp:1433/UFDATA_001_2026",
        "mssql+pymssql://reader@10.0.0.8\\SQLEXPRESS/UFDATA?charset=utf8&tds_version=7.0",
        "postgresql+psycopg://reader@db.example.com/shop?sslmode=require",
        "postgresql+psycopg://reader@[fd12::8]:5433/shop",
    ],
)
def test_a_database_at_a_host_is_read_with_its_password(given: str) -> None:
    assert read_url(given, "geheim", ()).password == "geheim"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("nothing", "source.bad_url"),
        ("postgresql+psycopg:///tongmai", "source.url_host"),
        ("postgresql+psycopg://tongmai@%2Fvar%2Frun%2Fpostgresql/tongmai", "source.url_host"),
        ("postgresql+psycopg://u@db/x?host=/var/run/postgresql", "source.url_parameter"),
        ("postgresql+psycopg://u@db,127.0.0.1/x", "source.url_host"),
        ("postgresql+psycopg://u@db/x?passfile=/root/.pgpass", "source.url_parameter"),
        ("postgresql+psycopg://u@db/x?sslmode=require&sslkey=/etc/key.pem", "source.url_parameter"),
        ("mssql+pymssql://u@db/x?conn_properties=drop", "source.url_parameter"),
        # Its driver would encrypt, and look at no certificate.
        ("mssql+pymssql://u@db/x?sslmode=verify-full", "source.url_tls"),
        ("mssql://u@db/x", "source.no_driver"),
    ],
)
def test_an_address_that_leads_into_the_machine_is_refused(given: str, code: str) -> None:
    assert refused(given) == {code}


def test_only_sqlite_files_of_the_folders_of_sources_are_read(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "inbox", tmp_path / "elsewhere"
    for each in (folder, elsewhere):
        each.mkdir()
        (each / "shop.db").touch()
    (folder / "link.db").symlink_to(elsewhere / "shop.db")
    assert read_url(f"sqlite:///{folder}/shop.db", None, (folder,)).database == f"{folder}/shop.db"
    for path in (f"{elsewhere}/shop.db", f"{folder}/../elsewhere/shop.db", f"{folder}/link.db"):
        assert refused(f"sqlite:///{path}", folder) == {"source.folder_not_allowed"}
    assert refused(f"sqlite:///{folder}/none.db", folder) == {"source.no_file"}
    assert refused(f"sqlite:///{folder}/shop.db?uri=true", folder) == {"source.url_parameter"}
    assert refused("sqlite://", folder) != set()
