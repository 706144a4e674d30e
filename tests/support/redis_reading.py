"""All that stands in Redis, and all that is sent there, as text: for tests of what may not be among it."""

import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import redis

END = "that was all"


def stored(url: str) -> str:
    """Every key with its value, piece by piece: what RQ has compressed is read as it was before."""
    with redis.Redis.from_url(url) as client:
        return "\n".join(f"{_text(key)} {' '.join(map(_text, _values(client, key)))}" for key in client.scan_iter())


def _values(client: Any, key: bytes) -> list[bytes]:
    match client.type(key):
        case b"string":
            return [client.get(key) or b""]
        case b"hash":
            return [piece for pair in client.hgetall(key).items() for piece in pair]
        case b"list":
            return list(client.lrange(key, 0, -1))
        case b"set":
            return list(client.smembers(key))
        case b"zset":
            return list(client.zrange(key, 0, -1))
        case other:
            return [value for entry in client.xrange(key) for value in entry[1].values()] if other == b"stream" else []


def _text(value: bytes) -> str:
    with suppress(zlib.error):
        value = zlib.decompress(value)
    return value.decode(errors="replace")


@contextmanager
def overheard(url: str) -> Iterator[list[str]]:
    """Every command that anybody sends meanwhile: of locks and the like nothing is left afterwards."""
    said: list[str] = []
    heard_out = threading.Event()
    with redis.Redis.from_url(url) as client, client.monitor() as monitor:

        def listen() -> None:
            for command in monitor.listen():
                if END in command["command"]:
                    heard_out.set()
                    return
                said.append(command["command"])

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        yield said
        client.echo(END)
        listener.join(timeout=10)
        assert not listener.is_alive(), "still listening: not everything was heard"
        assert heard_out.is_set(), "the listener ended before the end"
