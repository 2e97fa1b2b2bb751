"""``zhengtong up`` and ``zhengtong demo``: prepare, start, prove, serve, stop."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

import zhengtong
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Unavailable, ZhengtongError
from zhengtong.project import ports
from zhengtong.project.supervisor import Supervisor
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from zhengtong.project.demo import founding, staff

PROCESSES = ("web", "gateway", "worker")
_READY_SECONDS = 60
#: how long one step of opening a dataset may take before it is left to the next start
_LONGEST_STEP = 60
_DIVISIONS = Path(zhengtong.__file__).parent / "toolkit/ui/static/dist/divisions"
_ADDRESSES = {"web": ports.WEB, "gateway": ports.GATEWAY, "worker": ports.WORKER}
console = Console(stderr=True, highlight=False)


class NotReady(Unavailable):
    """有进程没有就绪,原因见日志。"""

    code = "not-ready"


class TerminalBars:
    """Progress of the demo's steps in a terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, title: str, total: int | None = None) -> None:
        """A step begins; the one before is finished."""
        self.end()
        self._task = self._progress.add_task(title, total=total)

    def advance(self, done: int) -> None:
        """So much of the step is done."""
        if self._task is not None:
            self._progress.update(self._task, completed=done)

    def end(self) -> None:
        """The step is finished."""
        if self._task is not None:
            task = self._progress.tasks[self._progress.task_ids.index(self._task)]
            total = task.total if task.total is not None else max(task.completed, 1)
            self._progress.update(self._task, total=total, completed=total)


def prepare() -> None:
    """Migrations and static files."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)


def wait_until_ready(supervisor: Supervisor, seconds: float = _READY_SECONDS) -> None:
    """
    Wait until every process answers.

    :raises NotReady: naming the one that does not, or that has ended.
    :raises KeyboardInterrupt: if a signal to end came meanwhile.
    """
    deadline = time.monotonic() + seconds
    for name, address in _ADDRESSES.items():
        while not _ready(address):
            if supervisor.stopping:
                raise KeyboardInterrupt
            if time.monotonic() > deadline or supervisor.ended(name):
                raise NotReady(f"{name} 没有就绪", remedy="查看上面的日志;端口是否被占用")
            time.sleep(0.2)


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310 - our own processes
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
    except (urllib.error.URLError, OSError):
        return False


def serve(server: EmbeddedPostgres | None) -> None:
    """Start everything and watch it until Ctrl-C."""
    prepare()
    supervisor = Supervisor(PROCESSES)
    supervisor.start()
    try:
        wait_until_ready(supervisor)
        _print_addresses()
        supervisor.watch()
    except KeyboardInterrupt:
        console.print("已停止")
    finally:
        supervisor.stop()
        if server is not None:
            server.stop()


def demo(server: EmbeddedPostgres | None, *, scale: str, once: bool) -> int:
    """Found the city if need be, start everything, prove the loop, serve; returns the exit code."""
    from zhengtong.project.demo import citizens, docking, founding, selfcheck  # noqa: PLC0415 - heavy, and only the demo needs it
    from zhengtong.project.demo.city import SCALES  # noqa: PLC0415

    supervisor = Supervisor(PROCESSES, {"ZHENGTONG_DEMO": "1", **({} if once else docking.NETWORKS)})
    try:
        with _progress() as progress:
            bars = TerminalBars(progress)
            bars.begin("数据库与静态文件", None)
            prepare()
            databases = founding.Databases.beside(settings.DATABASE_URL)
            founding.found(persons=SCALES[scale], databases=databases, divisions=_DIVISIONS, bars=bars, now=clock.now())
            if scale == "tiny":
                _opened(scale, databases, bars, supervisor, helped=False)
            bars.begin("启动 web、gateway、worker", len(PROCESSES))
            supervisor.start()
            wait_until_ready(supervisor)
            people = citizens.settle(databases.urls, today=clock.today())
            opened = _opened(scale, databases, bars, supervisor, helped=True) if once else None
            bars.end()
        key = selfcheck.developer_key(clock.now())
        console.print("\n[bold]自检:一条数据从来源到使用者再到证据[/bold]")
        try:
            selfcheck.prove(origin=_ADDRESSES["gateway"], databases=databases, key=key, tell=_print_proof, datasets=opened)
        except selfcheck.NotProven as exc:
            # a city that people work in changes: it is told, and still theirs to open; only a proof asked for alone fails
            if once:
                raise
            console.print(f"[red]✕ {exc.sentence}[/red]\n  平台仍照常运行;若改动过演示单位的授权、推送或业务库,这是预料之中的。")
        _print_addresses()
        _print_people(people)
        _print_sample(key.key_id, key.secret)
        if not once:
            supervisor.add(docking.systems(settings.ENVIRONMENT.var, now=clock.now()))
            background = threading.Thread(target=_open_the_rest, args=(scale, databases, supervisor), daemon=True)
            background.start()
            console.print("按 Ctrl-C 停止全部进程;数据保留,下次启动只需几秒。")
            supervisor.watch()
            background.join(_LONGEST_STEP)
    except ZhengtongError as exc:
        console.print(f"[red]✕ {exc.sentence}[/red]" + (f"\n  {exc.remedy}" if exc.remedy else ""))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        supervisor.stop()
        if server is not None:
            server.stop()
    return 0


class Lines:
    """Progress of steps that go on behind a city that serves already: a line a step."""

    def begin(self, title: str, total: int | None = None) -> None:
        """A step begins."""
        console.print(f"  {title}({total})" if total else f"  {title}")

    def advance(self, done: int) -> None:
        """Nothing is drawn within a step."""


def _opened(scale: str, databases: founding.Databases, bars: staff.Bars, supervisor: Supervisor, *, helped: bool) -> tuple[int, int]:
    """Let the offices open their datasets; how many of how many are open."""
    from zhengtong.project.demo import founding  # noqa: PLC0415 - heavy, and only the demo needs it

    done = founding.course(scale, databases=databases, bars=bars, now=clock.now(), helped=helped, stopped=lambda: supervisor.stopping).run()
    return done, len(founding.datasets_of(scale))


def _open_the_rest(scale: str, databases: founding.Databases, supervisor: Supervisor) -> None:
    """While the city serves: what is not open so far."""
    began = time.monotonic()
    try:
        done, there = _opened(scale, databases, Lines(), supervisor, helped=True)
    except ZhengtongError as exc:
        console.print(f"[red]✕ 开放数据:{exc.sentence}[/red]" + (f"\n  {exc.remedy}" if exc.remedy else ""))
    else:
        console.print(f"开放数据:{there} 个数据集中 {done} 个已开放,用时 {time.monotonic() - began:.0f} 秒")
    finally:
        connection.close()


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def _print_proof(proof: object) -> None:
    title, seen, holds = (getattr(proof, name) for name in ("title", "seen", "holds"))
    console.print(f"  {'[green]✓[/green]' if holds else '[red]✕[/red]'} {title}:{seen}")


def _print_addresses() -> None:
    console.print(f"\n工作台  {_ADDRESSES['web']}   网关  {_ADDRESSES['gateway']}   指标  */metrics")
    if settings.ENVIRONMENT.demo:
        console.print("演示账户(密码都是 demo):edu.steward 教育局数据专员 · edu.head 教育局负责人 · edu.developer 开发人员")
        console.print(
            "  civil.steward、civil.head 民政局 · police.steward、police.head 公安局 · bureau.approver 数据局 · admin.audit 审计管理员"
        )
        console.print("两个单位的系统用这里的账户登录:另开终端运行 zhengtong signon demo")


def _print_people(people: list[tuple[str, str]]) -> None:
    console.print(f"演示群众(在 {_ADDRESSES['web']}/me/login/ 登录,密码都是 demo):")
    for number, what in people:
        console.print(f"  {number} {what}")


def _print_sample(key_id: str, secret: str) -> None:
    console.print(f"演示调用系统 enrolment 的密钥(只显示这一次):key_id={key_id} secret={secret}\n")
