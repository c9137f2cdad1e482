"""What must be true before anything is started."""

from __future__ import annotations

import errno
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.supervisor.errors import Code, SupervisorError

FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Listen:
    """An address a part will listen on, and the setting that changes its port."""

    host: str
    port: int
    setting: str


def check_ports(addresses: Sequence[Listen]) -> None:
    """Raises `SupervisorError` when an address cannot be listened on."""
    seen: dict[int, str] = {}
    for address in addresses:
        if address.port in seen:
            raise SupervisorError("port_busy", f"{seen[address.port]} and {address.setting} are both {address.port}")
        seen[address.port] = address.setting
        _check(address)


def _check(address: Listen) -> None:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise SupervisorError("port_busy", f"'{address.host}' is not an address of this machine") from error
    family, kind, protocol, _, target = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(target)
            probe.listen(1)
        except OSError as error:
            raise SupervisorError("port_busy", _explain(address, error)) from error


def _explain(address: Listen, error: OSError) -> str:
    where = f"{address.host}:{address.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program; stop that, or choose another port with {address.setting}=…"
    if error.errno == errno.EACCES:
        return f"this user may not listen on {where}; choose a port above 1023 with {address.setting}=…"
    return f"cannot listen on {where}: {error.strerror}"


def check_folder(folder: Path, needed_bytes: int) -> None:
    """Raises `SupervisorError` when `folder` cannot be written or has less than `needed_bytes` left."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-probe"
        probe.write_bytes(b"\0" * 4_096)
        probe.unlink()
    except OSError as error:
        code: Code = "disk_full" if error.errno in FULL else "not_writable"
        raise SupervisorError(code, f"cannot write to {folder}: {error.strerror}") from error
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise SupervisorError(
            "disk_full",
            f"the disk of {folder} is nearly full: {free // 1_000_000} MB free, {needed_bytes // 1_000_000} MB needed",
        )
