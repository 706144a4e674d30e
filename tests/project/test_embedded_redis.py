"""The embedded Redis: one server a directory, kept over restarts, never a stranger's."""

import socket
import subprocess

import redis

from advosync_project import embedded_redis
from advosync_project.embedded_redis import EmbeddedRedis
from tests.support.processes import running, wait_until


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
