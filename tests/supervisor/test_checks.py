"""What is checked before anything is started."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.supervisor.checks import Listen, check_folder, check_ports
from bot.supervisor.errors import SupervisorError
from bot.supervisor.running import free_ports


def test_a_busy_port_is_named_with_the_setting_that_changes_it() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SupervisorError) as caught:
            check_ports([Listen("127.0.0.1", port, "RASA_PORT")])
    assert caught.value.code == "port_busy"
    assert f"127.0.0.1:{port} is in use" in caught.value.message
    assert "RASA_PORT=" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_port_whose_last_connections_are_still_closing_is_not_busy() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            connection, _ = server.accept()
            connection.close()  # the side that closes first keeps the port in TIME_WAIT
            client.recv(1)
    check_ports([Listen("127.0.0.1", port, "PORT")])


def test_free_ports_pass_and_one_port_twice_does_not() -> None:
    one, two = free_ports(2)
    check_ports([Listen("127.0.0.1", one, "PORT"), Listen("127.0.0.1", two, "RASA_PORT")])
    with pytest.raises(SupervisorError, match="PORT and RASA_PORT are both"):
        check_ports([Listen("127.0.0.1", one, "PORT"), Listen("127.0.0.1", one, "RASA_PORT")])


def test_a_host_that_is_not_of_this_machine_is_refused() -> None:
    with pytest.raises(SupervisorError, match=r"not an address of this machine|cannot listen"):
        check_ports([Listen("192.0.2.1", free_ports(1)[0], "PORT")])
    with pytest.raises(SupervisorError, match="not an address of this machine"):
        check_ports([Listen("no.such.host.invalid", 8080, "PORT")])


def test_a_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    check_folder(tmp_path / "a" / "b", 1)
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SupervisorError) as caught:
        check_folder(tmp_path / "file" / "var", 1)
    assert caught.value.code == "not_writable"
    assert str(tmp_path / "file" / "var") in caught.value.message


def test_too_little_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SupervisorError, match="nearly full") as caught:
        check_folder(tmp_path, 2**62)
    assert caught.value.code == "disk_full"
