"""A program that is a NetGear on the wire, ruled by JSON lines. Needs Debian's python3-zmq and python3-numpy.

The first line on stdin is the configuration (config.py), each later one a command {"id", "command", "arguments"}.
stdout: {"event": "ready", ...}, then {"id", "result"} or {"id", "error"} for every command, {"event", ...} for what
happens in between, and {"error"} for what went wrong with no command to blame. It ends when stdin does.
python.ts is the other side of it, and says what commands and events hold.
"""
import sys
import time

import zmq

from config import config_from
from console import Console, InputClosed
from link import Link
from receiver import Receiver
from sender import Sender

EXPECTED = (KeyError, TypeError, ValueError, OSError, RuntimeError, AssertionError, zmq.ZMQError)


def main():
    console = Console()
    try:
        config = config_from(console.first_line())
        link = Link(config, console)
    except InputClosed:
        return 0
    except EXPECTED as failure:
        console.emit(error=_words(failure))
        return 1
    try:
        _serve(config, console, link)
    except InputClosed:
        return 0
    finally:
        link.close()


def _serve(config, console, link):
    role = (Sender if config.role == "sender" else Receiver)(config, console, link)
    commands = {
        **role.commands,
        "pause": lambda arguments: link.idle(arguments["seconds"], until_stop=True),
        "reconnect": lambda arguments: role.reconnect(in_clear=arguments["inClear"]),
    }
    console.emit(event="ready", endpoints=link.endpoints, ports=link.ports)
    while True:
        try:
            role.step()
        except EXPECTED as failure:
            console.emit(error=_words(failure))
            time.sleep(0.1)
        while console.commands:
            _obey(console, commands, console.commands.popleft())


def _obey(console, commands, order):
    console.running = True
    try:
        name = order["command"]
        if name not in commands:
            raise ValueError(f"unknown command {name!r}; there are {', '.join(sorted(commands))}")
        console.emit(id=order["id"], result=commands[name](order.get("arguments", {})))
    except EXPECTED as failure:
        console.emit(id=order.get("id"), error=_words(failure))
    finally:
        console.running = console.stop_requested = False


def _words(failure):
    return f"{type(failure).__name__}: {failure}"


if __name__ == "__main__":
    sys.exit(main())
