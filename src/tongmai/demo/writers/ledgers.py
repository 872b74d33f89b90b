"""The company's spreadsheets as CSV files in a folder, a new one for what was added since the last."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tongmai.demo.ledgers import Ledgers


@dataclass
class LedgerWriter:
    """As people save them: with a mark of the encoding, so that spreadsheet programs read the Chinese."""

    ledgers: Ledgers
    folder: Path
    _upto: datetime | None = field(default=None, init=False)

    def bring_up(self, moment: datetime) -> None:
        """Adds all that came to stand there since the last time, up to the moment."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.ledgers.rows.items():
            new = [row for at, row in rows if at <= moment and (self._upto is None or at > self._upto)]
            if new:
                file = self.folder / f"{name}-{moment:%Y%m%d-%H%M}.csv"
                with file.open("w", encoding="utf-8-sig", newline="") as open_:
                    writer = csv.DictWriter(open_, list(new[0]))
                    writer.writeheader()
                    writer.writerows(new)
        self._upto = moment
