"""What the nursery and its client say to each other: JSON with open files, over a socket pair."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any

_LENGTH = struct.Struct("!I")
_FILES = 4


def send(line: socket.socket, message: dict[str, Any], files: Sequence[int] = ()) -> None:
    """Send one message; `files` are descriptors that the other side gets its own copies of."""
    data = json.dumps(message).encode("ascii")
    socket.send_fds(line, [_LENGTH.pack(len(data))], list(files))
    line.sendall(data)


def receive(line: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next message with its open files (not inherited by programs started later); None at the end of the line."""
    header, files, _, _ = socket.recv_fds(line, _LENGTH.size, _FILES, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
    header += _exactly(line, _LENGTH.size - len(header)) if header else b""
    body = _exactly(line, _LENGTH.unpack(header)[0]) if len(header) == _LENGTH.size else b""
    if not body:
        for file in files:
            os.close(file)
        return None, []
    return json.loads(body), list(files)


def _exactly(line: socket.socket, size: int) -> bytes:
    """`size` bytes, or none when the line ends before."""
    got = bytearray()
    while len(got) < size:
        part = line.recv(size - len(got))
        if not part:
            return b""
        got += part
    return bytes(got)
