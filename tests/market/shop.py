"""A small app as files, and a workspace in which it can be installed."""

from __future__ import annotations

from pathlib import Path

from tongmai.kit import FixedClock, Settings
from tongmai.market import Market
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore, SchemaEditor
from tongmai.store import Database, Workspace

INFO = "key: crm\nlabel: {zh: 客户管理, en: CRM}\nversion: '1.0'\n"
MODEL = """
objects:
  - key: customer
    label: {zh: 客户, en: Customer}
    title: name
    fields:
      - {key: name, type: text, label: {zh: 名称, en: Name}}
      - {key: level, type: text, label: {zh: 等级, en: Level}}
  - {key: person, label: 人员, fields: [{key: badge, type: text, label: 工牌}]}
roles:
  - {key: seller, label: 销售, grants: [{object: customer, read: own, create: true, update: own}]}
rules:
  - {key: named, label: 有名, object: customer, when: {kind: changed}, if: "name = 'x'",
     then: [{kind: notify, to: [owner], title: 好}]}
"""
CONTENT = "key: opening\ntitle: 开场白\nbody: 您好\n"


def folder(root: Path, model: str = MODEL, version: str = "1.0") -> Path:
    root.mkdir(exist_ok=True)
    (root / "app.yaml").write_text(INFO.replace("1.0", version), encoding="utf-8")
    (root / "model.yaml").write_text(model, encoding="utf-8")
    (root / "content").mkdir(exist_ok=True)
    (root / "content" / "opening.yaml").write_text(CONTENT, encoding="utf-8")
    return root


class Shop:
    """A workspace with its market."""

    def __init__(self, database: Database, clock: FixedClock, settings: Settings, workspace: Workspace) -> None:
        self.workspace = workspace
        self.catalogues = CatalogueStore(database)
        self.gateway = Gateway(database, self.catalogues, clock, settings)
        self.editor = SchemaEditor(database, self.catalogues, clock, settings)
        self.market = Market(database, self.catalogues, self.editor, self.gateway, clock)
