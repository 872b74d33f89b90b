"""How the rooms are wired: opened together, closed in the reverse order; nobody else knows.

A command of the command line opens them without anything in the background; ``serve`` and ``worker`` let them work.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

from tongmai.access import Policies
from tongmai.boards import Boards, Views
from tongmai.identity import Hasher, Identity, OidcProvider
from tongmai.kit import Clock, Settings
from tongmai.link import Links
from tongmai.link.capture import Captures
from tongmai.link.dingtalk import DingTalkChannel
from tongmai.link.wecom import WeComChannel
from tongmai.market import Market
from tongmai.metrics import Metrics
from tongmai.records import Files, Gateway
from tongmai.records.transfer import Transfer
from tongmai.replica import ReplicaEngine, Replicas
from tongmai.rules import BacktestJobs, Backtests, Kept, open_rules
from tongmai.schema import CatalogueStore, SchemaEditor, add_missing_builtins
from tongmai.store import Database, upgrade_layouts
from tongmai.web.doorkeeper import Doorkeeper
from tongmai.web.figures import Figures
from tongmai.web.services import Services, is_https
from tongmai.web.streams import Streams
from tongmai.web.upkeep import Upkeep
from tongmai.web.visible_model import VisibleModel
from tongmai.work import open_work

# command: nothing runs beside it; api: answers; worker: jobs and sealing; serve: all of it.
Duty = Literal["command", "api", "worker", "serve"]


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock, duty: Duty) -> AsyncIterator[Services]:
    """Opens all of it. Raises Unavailable where the database cannot be had."""
    async with AsyncExitStack() as stack:
        database = await Database.open(settings, clock)
        stack.push_async_callback(database.close)
        services = assemble(settings, clock, database)
        stack.callback(services.replicas.close)
        stack.push_async_callback(services.links.close)
        stack.push_async_callback(services.identity.stop)
        await services.catalogues.start()
        stack.push_async_callback(services.catalogues.close)
        if duty != "command":
            await upgrade_layouts(database)
            await services.editor.resume()
            await services.market.resume()
            await add_missing_builtins(database, services.catalogues, services.editor)
            await services.identity.start()
        if duty in ("api", "serve"):
            await services.streams.start()
            stack.push_async_callback(services.streams.close)
        if duty in ("worker", "serve"):
            await stack.enter_async_context(Upkeep(services).running())
        yield services


def assemble(settings: Settings, clock: Clock, database: Database, hasher: Hasher | None = None) -> Services:
    """Wires the rooms over an open database; nothing is started. Tests give a cheaper ``hasher``."""
    catalogues = CatalogueStore(database)
    gateway = Gateway(database, catalogues, clock, settings)
    editor = SchemaEditor(database, catalogues, clock, settings)
    replicas = Replicas(database, clock, settings)
    gateway.use_engine(ReplicaEngine(database, settings, replicas.of))
    files = Files(database, settings, clock, gateway)
    transfer = Transfer(database, catalogues, clock, settings, files)
    fewest = settings.replica_fewest_metric_rows
    metrics = Metrics(database, catalogues, clock, replica=replicas.of, fewest_rows=fewest)
    figures = Figures()
    policies = Policies()
    identity = Identity(
        database,
        settings,
        clock,
        hasher or Hasher(),
        provider=_provider(settings),
        links_by_email=settings.oidc_link_by_email,
    )
    # Roles and reaches hold from the next request on, not a second later.
    gateway.on_people_changed(identity.forget_people)
    work = open_work(database, catalogues, gateway, clock, settings)
    links = Links(database, catalogues, clock, settings, gateway, transfer.loader, work=work)
    work.channels.add(WeComChannel(database, catalogues, links.sources, settings.public_url), of_source=True)
    work.channels.add(DingTalkChannel(database, catalogues, links.sources, settings.public_url), of_source=True)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        catalogues=catalogues,
        editor=editor,
        market=Market(database, catalogues, editor, gateway, clock),
        gateway=gateway,
        replicas=replicas,
        metrics=metrics,
        files=files,
        transfer=transfer,
        links=links,
        captures=Captures(work.runtime, files, transfer.loader, settings),
        identity=identity,
        streams=Streams(database, catalogues, identity, figures),
        figures=figures,
        doorkeeper=Doorkeeper(identity, https=is_https(settings)),
        policies=policies,
        visible=VisibleModel(policies),
        views=Views(database, clock, policies),
        boards=Boards(gateway, metrics),
        work=work,
        rules=open_rules(work, Kept.of(settings), replicas.of),
        backtests=BacktestJobs(database, clock, Backtests(metrics, replicas.of)),
    )


def _provider(settings: Settings) -> OidcProvider | None:
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    return OidcProvider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
