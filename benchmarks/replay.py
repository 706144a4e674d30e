"""`python -m benchmarks.replay PORT DELAY FILE`: answers as they were recorded, each so many seconds later.

For rounds over a hundred calendars: the stand-ins would need more processor time than what is measured. FILE says what
to answer, as JSON: by the last part of a path, a text in which @ stands for the asker's kuerzel, and # for a number
that no two answers share.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
WHO = ("kuerzel", "quotaUser")
numbers = count()


def answer(target: str, answers: Mapping[str, str]) -> bytes:
    parts = urlsplit(target)
    query = parse_qs(parts.query)
    who = next((query[name][0] for name in WHO if name in query), "")
    text = answers[parts.path.rpartition("/")[2]].replace("@", who).replace("#", str(next(numbers)))
    body = text.encode()
    return HEAD.format(len(body)).encode() + body


async def main(port: int, delay: float, answers: Mapping[str, str]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(delay)
                writer.write(answer(head.split()[1].decode(), answers))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())))
