"""The embedded database's home on disk: what lies where, how it is set up, and what state it is in.

::

    home/            0700, the server's
      cluster/       PostgreSQL's data directory
      run/           its socket (a link to a short path where this one is too long for a socket)
      log/           its log, the newest 64 MB or so
      lock           held by the program that supervises the server
      superuser      password of PostgreSQL's own superuser, used for the set-up and the rights only
      password       password of the role ``tongmai``; its presence means "set up"
      rights         which edition of the role's rights has been granted
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tongmai.kit import Text, Unavailable
from tongmai.store.account import Binaries, ServerAccount
from tongmai.store.tuning import HOST_BASED_ACCESS, configuration

# sun_path holds 108 bytes on Linux and 104 elsewhere, the closing NUL included.
_LONGEST_SOCKET = 103
SOCKET_NAME = ".s.PGSQL.5432"
_SHORT = 60
_LOG_LINES = 12
_LOGS_KEPT = 8

ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Cluster:
    """A home directory together with the account and the programs that serve it."""

    home: Path
    account: ServerAccount
    binaries: Binaries

    @staticmethod
    def at(home: Path) -> Cluster:
        """Opens a home, making the directories that are missing. Raises ``Unavailable`` if it cannot be used."""
        home = home.absolute()
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            home.mkdir(mode=0o700, exist_ok=True)
            account = ServerAccount.choose(home / "cluster")
            cluster = Cluster(home, account, Binaries.of_wheel().open_to(account))
            cluster._prepare_folder(home)
            cluster._prepare_folder(home / "log")
        except OSError as error:
            raise Unavailable.of(
                "database.directory",
                f"无法使用数据库目录 {home}：{error.strerror}",
                f"cannot use the database directory {home}: {error.strerror}",
                way_out=Text(
                    "检查磁盘与权限，或设置 TONGMAI_DATA_DIR", "check disk and rights, or set TONGMAI_DATA_DIR"
                ),
            ) from error
        return cluster

    @property
    def directory(self) -> Path:
        return self.home / "cluster"

    @property
    def directory_argument(self) -> str:
        """What the server is told as its data directory (it is always started *in* it)."""
        return "/proc/self/cwd" if self.account.switch else str(self.directory)

    @property
    def socket_folder(self) -> Path:
        run = self.home / "run"
        return run.readlink() if run.is_symlink() else run

    def secret(self, name: str) -> str | None:
        """The password in ``home/name``, or nothing if there is none yet."""
        try:
            return (self.home / name).read_text().strip() or None
        except FileNotFoundError:
            return None

    def keep_secret(self, name: str, value: str) -> None:
        """Writes a password file whole or not at all, readable by its owner only."""
        draft = self.home / f"{name}.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.home / name)

    def set_up(self) -> None:
        """Makes the data directory if there is none; one that was left half made is made again.

        It is made beside its place and renamed when it is whole. Needs the lock.
        """
        self._prepare_socket_folder()
        # A home that was copied or restored by root has files that the server could not write.
        self.account.take(self.home / "log")
        if self.directory.exists():
            self._check_version()
            if self.account.switch and self.directory.stat().st_uid != self.account.uid:
                self.account.take(self.directory)
            return
        self._check_is_new()
        draft = self.home / "new"
        shutil.rmtree(draft, ignore_errors=True)
        (draft / "cluster").mkdir(parents=True, mode=0o700)
        superuser = secrets.token_hex(24)
        (draft / "password").write_text(superuser)
        for path in (draft, draft / "cluster", draft / "password"):
            path.chmod(0o600 if path.is_file() else 0o700)
            if self.account.switch:
                os.chown(path, *self.account.initdb_ids)
        self._initdb(draft / "cluster")
        self.account.take(draft / "cluster")
        self.keep_secret("superuser", superuser)
        (draft / "cluster").rename(self.directory)
        shutil.rmtree(draft)

    def configure(self, settings: Mapping[str, str]) -> None:
        """Writes the server's configuration; ``local.conf`` is the operator's and only begun."""
        texts = {"postgresql.conf": configuration(settings), "pg_hba.conf": HOST_BASED_ACCESS}
        if not (self.directory / "local.conf").exists():
            texts["local.conf"] = "# Your own PostgreSQL settings; they win over those in postgresql.conf.\n"
        for name, text in texts.items():
            path = self.directory / name
            if path.exists() and path.read_text() == text:
                continue
            # On a full disk the old file must stay whole.
            draft = path.with_name(f"{name}.new")
            draft.write_text(text)
            draft.chmod(0o600)
            if self.account.switch:
                os.chown(draft, self.account.uid, self.account.gid)
            draft.replace(path)

    def free_bytes(self) -> int | None:
        """Free space where the data lie; nothing where that cannot be told."""
        try:
            return shutil.disk_usage(self.home).free
        except OSError:
            return None

    def remove_old_logs(self) -> None:
        """Leaves the newest files of the server's log, so that it can never fill the disk."""
        for path in sorted((self.home / "log").glob("postgresql-*.log"))[:-_LOGS_KEPT]:
            path.unlink(missing_ok=True)

    def log_tail(self) -> str:
        """The last lines the server wrote, for an error message; nothing where they cannot be read."""
        try:
            latest = max((self.home / "log").glob("*.log"), key=lambda path: path.stat().st_mtime_ns, default=None)
            if latest is None:
                return ""
            with latest.open("rb") as file:
                file.seek(max(0, latest.stat().st_size - 8192))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-_LOG_LINES:])

    def _initdb(self, target: Path) -> None:
        uid, gid = self.account.initdb_ids
        arguments = [
            self.binaries.program("initdb"),
            "--pgdata", "/proc/self/cwd" if self.account.switch else str(target),
            "--username=postgres", "--pwfile=../password", "--auth=scram-sha-256", "--data-checksums",
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST",
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603
            arguments,
            cwd=target,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=uid if self.account.switch else None,
            group=gid if self.account.switch else None,
            extra_groups=[] if self.account.switch else None,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise Unavailable.of(
                "database.initdb",
                f"无法建立数据库：{said}",
                f"the database could not be set up: {said}",
                way_out=Text("检查磁盘空间与权限后重试", "check disk space and rights, then try again"),
            )

    def _check_is_new(self) -> None:
        """An empty database must never take the place of one that is only out of reach (an unmounted volume)."""
        if self.secret("password") is not None:
            raise Unavailable.of(
                "database.directory_missing",
                f"数据库目录 {self.directory} 不见了，而它曾经建立过",
                f"the database directory {self.directory} is gone, though it was set up before",
                way_out=Text(
                    f"把它放回原处；确实要重新建立空数据库，请删除 {self.home / 'password'}",
                    f"put it back in its place; to begin with an empty database remove {self.home / 'password'}",
                ),
            )

    def _check_version(self) -> None:
        found = (self.directory / "PG_VERSION").read_text().strip()
        said = subprocess.run(  # noqa: S603
            [self.binaries.program("postgres"), "--version"], check=True, capture_output=True, text=True
        ).stdout
        ours = said.split()[2].split(".")[0]
        if found != ours:
            raise Unavailable.of(
                "database.other_version",
                f"数据库目录属于 PostgreSQL {found}，本程序带的是 {ours}",
                f"the database directory was written by PostgreSQL {found}, this program brings {ours}",
                way_out=Text(
                    "用旧版本程序 tongmai backup 导出，再用新版本 tongmai restore 恢复",
                    "make a backup with the program that wrote it (tongmai backup) and restore it with this one",
                ),
            )

    def _prepare_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        if path.stat().st_mode & 0o777 != 0o700:
            path.chmod(0o700)
        if self.account.switch and path.stat().st_uid != self.account.uid:
            os.chown(path, self.account.uid, self.account.gid)

    def _prepare_socket_folder(self) -> None:
        run = self.home / "run"
        if len(os.fsencode(run / SOCKET_NAME)) <= _LONGEST_SOCKET:
            if run.is_symlink():
                run.unlink()
            self._prepare_folder(run)
            return
        for known in self._trusted_link(run):
            self._prepare_folder(known)
            return
        short = Path(tempfile.mkdtemp(prefix="tongmai-", dir=self._runtime_folder()))
        self._prepare_folder(short)
        if run.is_dir() and not run.is_symlink():
            shutil.rmtree(run)
        draft = self.home / "run.new"
        draft.unlink(missing_ok=True)
        draft.symlink_to(short)
        draft.replace(run)

    def _trusted_link(self, run: Path) -> Iterator[Path]:
        """The short socket folder made earlier, if it is still there and nobody else's."""
        if run.is_symlink():
            short = run.readlink()
            if short.is_dir() and not short.is_symlink() and short.stat().st_uid in {self.account.uid, os.geteuid()}:
                yield short

    def _runtime_folder(self) -> str:
        """Where short-lived private folders go: the user's runtime folder, else the system's temporary one."""
        own = os.environ.get("XDG_RUNTIME_DIR", "")
        if own and not self.account.switch and len(own) < _SHORT and os.access(own, os.W_OK):
            return own
        temporary = tempfile.gettempdir()
        return temporary if len(temporary) < _SHORT else "/tmp"  # noqa: S108 (mkdtemp makes it private)
