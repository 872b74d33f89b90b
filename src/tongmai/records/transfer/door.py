"""The one object that web and the command line hold: everything that moves rows in bulk, wired together."""

from __future__ import annotations

from collections.abc import Mapping

from tongmai.kit import Clock, Settings
from tongmai.records.files import Files
from tongmai.records.runtime import Runtime
from tongmai.records.transfer.exporting import EXPORT, Exporter
from tongmai.records.transfer.importing import IMPORT, Importer
from tongmai.records.transfer.job_actor import JobActors
from tongmai.records.transfer.loading import Loader
from tongmai.records.transfer.previewing import Previewer
from tongmai.records.transfer.undoing import UNDO_IMPORT, ImportUndoer
from tongmai.schema import CatalogueStore
from tongmai.store import Database, JobHandler


class Transfer:
    """``imports``, ``previews``, ``undos``, ``exports``, and the handlers of their jobs for a ``JobWorker``."""

    def __init__(
        self, database: Database, catalogues: CatalogueStore, clock: Clock, settings: Settings, files: Files
    ) -> None:
        runtime = Runtime(database, catalogues, clock, settings)
        actors = JobActors(database)
        self.imports = Importer(runtime, files, actors)
        self.previews = Previewer(runtime, files)
        self.undos = ImportUndoer(runtime, files, actors)
        self.exports = Exporter(runtime, files, actors)
        self.loader = Loader(runtime)

    def job_handlers(self) -> Mapping[str, JobHandler]:
        """By job kind."""
        return {IMPORT: self.imports.run, UNDO_IMPORT: self.undos.run, EXPORT: self.exports.run}
