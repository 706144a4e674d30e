"""The embedded Redis: one server a directory, kept over restarts, never a stranger's."""

import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest
import redis

from advosync_project import embedded_redis
from advosync_project.embedded_redis import EmbeddedRedis
from tests.support.processes import on_a_free_port, running, wait_until
from tests.support.servers import hanging_up, redis_server


def serving(server: EmbeddedRedis):
    return running(server.command(), log=server.directory / "log", ready=server.is_running)


def test_keeps_its_jobs_and_its_port_over_a_restart(tmp_path):
    server = embedded_redis.of_directory(tmp_path)
    with serving(server), redis.Redis.from_url(server.url) as client:
        client.set("kept", "yes")
    again = embedded_redis.of_directory(tmp_path)
    with serving(again), redis.Redis.from_url(again.url) as client:
        assert client.get("kept") == b"yes"
    assert again.port == server.port


def test_running_server_is_found_instead_of_a_second_one(tmp_path):
    server = embedded_redis.of_directory(tmp_path)
    assert not server.is_running()
    with serving(server):
        assert embedded_redis.of_directory(tmp_path) == server
        assert embedded_redis.of_directory(tmp_path).is_running()


def test_server_of_another_directory_on_our_port_is_a_stranger(tmp_path):
    stranger = embedded_redis.of_directory(tmp_path / "theirs")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "port").write_text(str(stranger.port))
    with serving(stranger):
        ours = embedded_redis.of_directory(tmp_path / "ours")
        assert not ours.is_running()
        assert ours.port != stranger.port


def test_shut_down_ends_it_and_does_nothing_where_none_runs(tmp_path):
    server = embedded_redis.of_directory(tmp_path)
    server.shut_down()
    process = subprocess.Popen(server.command())
    wait_until(server.is_running, seconds=10, process=process)
    server.shut_down()
    assert process.wait(30) == 0


def test_known_url_is_empty_until_a_server_was_started_there(tmp_path):
    assert embedded_redis.known_url(tmp_path) == ""
    assert embedded_redis.of_directory(tmp_path).url == embedded_redis.known_url(tmp_path)


def test_taken_port_is_not_free():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not embedded_redis.is_free(taken.getsockname()[1])


def test_supervised_server_serves_the_same_directory(tmp_path):
    server = embedded_redis.of_directory(tmp_path)
    with running(server.supervised_command(), log=tmp_path / "log", ready=server.is_running):
        assert embedded_redis.of_directory(tmp_path) == server


def test_a_port_for_a_server_is_none_that_an_outgoing_connection_may_be_given():
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert {embedded_redis.free_port() < lowest for _ in range(50)} == {True}


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        yield other.getsockname()[1]


def test_a_server_whose_port_was_taken_meanwhile_starts_on_another(tmp_path, taken):
    asked = []

    def start(port):
        asked.append(port)
        return redis_server(tmp_path, taken if len(asked) == 1 else port)

    with on_a_free_port(start) as url, redis.Redis.from_url(url) as client:
        assert client.ping()
    assert len(asked) == 2


def test_a_server_that_never_comes_up_is_an_error_that_says_what_it_printed(tmp_path, taken):
    with (
        pytest.raises(AssertionError, match=r"(?s)ended too early.*Address already in use"),
        on_a_free_port(lambda port: redis_server(tmp_path, taken)),
    ):
        pass


def test_whether_it_runs_is_asked_once_not_with_the_pauses_of_the_library(tmp_path):
    with hanging_up() as (port, calls):
        assert not EmbeddedRedis(tmp_path, port).is_running()
    assert len(calls) == 1


def test_one_that_stalls_for_a_while_is_there_all_the_same(tmp_path):
    server = embedded_redis.of_directory(tmp_path)
    with serving(server) as process:
        process.send_signal(signal.SIGSTOP)
        threading.Timer(1.5, process.send_signal, [signal.SIGCONT]).start()
        assert embedded_redis.of_directory(tmp_path) == server
        assert server.is_running()
