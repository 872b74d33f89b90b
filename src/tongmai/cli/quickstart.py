"""The small first start on an empty data folder (``--bare``): a workspace with customers, contacts and opportunities
(example rows included), and three sign-ins.

Nothing is touched where a workspace exists already. Passwords are made here, printed once more at each start from a
file that only the owner of the data folder can read, and meant to be changed.
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

from tongmai.access import SystemActor
from tongmai.cli.passwords import make_password
from tongmai.cli.sign_ins import SignIn, keep_passwords, kept_sign_ins
from tongmai.cli.starter_rows import load_starter_rows
from tongmai.cli.users import add_person
from tongmai.kit import Text
from tongmai.market import read_package
from tongmai.model import Catalogue
from tongmai.schema import create_workspace
from tongmai.store import Workspace, list_workspaces
from tongmai.web import Services

KEY = "start"
_ACTOR = SystemActor("quickstart")


# Login, name, role's key and label.
_PEOPLE = (
    ("admin", "管理员", "administrator", Text("管理员", "Administrator")),
    ("zhuguan", "陈主管", "supervisor", Text("销售主管", "Supervisor")),
    ("xiaoshou", "林销售", "sales", Text("销售", "Sales person")),
)
_ROLES = {login: label for login, _, _, label in _PEOPLE}


async def prepare(services: Services) -> tuple[SignIn, ...]:
    """Makes the starter workspace where there is none; the sign-ins made by this or an earlier start."""
    file = services.settings.data_dir / "quickstart.json"
    async with services.database.read() as tx:
        known = await list_workspaces(tx)
    if known:
        return kept_sign_ins(file, _ROLES) if any(each.key == KEY for each in known) else ()
    passwords = {login: make_password() for login, *_ in _PEOPLE}
    # First the file: a start that is killed half-way must not leave accounts whose password nobody knows.
    keep_passwords(file, passwords)
    workspace = await create_workspace(
        services.database, services.catalogues, services.clock, KEY, Text("我的公司", "My company")
    )
    await services.market.install(workspace, read_package(starter_folder()))
    await _people(services, workspace, passwords)
    await load_starter_rows(services, workspace)
    return kept_sign_ins(file, _ROLES)


def starter_folder() -> Traversable:
    """The app that a first start installs."""
    return resources.files("tongmai") / "apps" / "starter"


def starter_model() -> Catalogue:
    """What that app defines."""
    return read_package(starter_folder()).model


async def _people(services: Services, workspace: Workspace, passwords: dict[str, str]) -> None:
    made = await services.gateway.create(_ACTOR, workspace, "team", {"name": "销售一部"})
    people = {}
    for login, name, role, _ in _PEOPLE:
        people[role] = await add_person(
            services,
            workspace,
            login=login,
            password=passwords[login],
            name=name,
            roles=[role],
            team=str(made.one.id),
        )
    # Who leads the team is told what is overdue in it.
    await services.gateway.update(_ACTOR, workspace, "team", made.one.id, {"lead": str(people["supervisor"])})
