"""Programs that run before the parts."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.supervisor.errors import SupervisorError
from bot.supervisor.logs import CappedLog
from bot.supervisor.steps import Step
from tests.supervisor.conftest import alive, eventually


def command(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def test_gives_the_time_and_logs_the_output(tmp_path: Path) -> None:
    step = Step("work", CappedLog(tmp_path / "work.log"), say=print)
    seconds = await step.run(command("print('done')"), cwd=tmp_path, env=os.environ)
    assert 0 < seconds < 10
    assert (tmp_path / "work.log").read_text() == "done\n"


async def test_failure_is_one_line_with_the_last_output_as_details(tmp_path: Path) -> None:
    step = Step("work", CappedLog(tmp_path / "work.log"), say=print)
    with pytest.raises(SupervisorError) as caught:
        await step.run(command("import sys; print('reason'); sys.exit(5)"), cwd=tmp_path, env=os.environ)
    assert caught.value.code == "step_failed"
    assert "work failed (exit code 5)" in caught.value.message
    assert caught.value.details == ("reason",)


async def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    step = Step("work", CappedLog(tmp_path / "work.log"), say=print)
    with pytest.raises(SupervisorError, match="the disk is full") as caught:
        await step.run(command("open('/dev/full', 'w').write('x' * 10000)"), cwd=tmp_path, env=os.environ)
    assert caught.value.code == "disk_full"


async def test_tells_that_it_is_still_at_it(tmp_path: Path) -> None:
    said: list[str] = []
    step = Step("work", CappedLog(tmp_path / "work.log"), say=said.append)
    await step.run(command("import time; time.sleep(2.5)"), cwd=tmp_path, env=os.environ)
    assert said == ["work … 2 s"]


async def test_cancelled_it_stops_the_program(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    step = Step("work", CappedLog(tmp_path / "work.log"), say=print)
    task = asyncio.create_task(step.run(command(code), cwd=tmp_path, env=os.environ))
    await eventually(lambda: pid_file.exists() and pid_file.read_text())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(int(pid_file.read_text()))


async def test_with_show_the_output_is_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step = Step("work", CappedLog(tmp_path / "work.log"), say=print, show=True)
    await step.run(command("print('データ')"), cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert capsys.readouterr().err == "データ\n"
