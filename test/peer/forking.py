"""Spares peers the time in which Python loads its packages: each is a fork of this process, which has loaded them.

Every connection to the Unix socket that the only argument names gets a peer of its own (netgear_peer.py), with the
connection as stdin and stdout. A line {"pid"} comes before what the peer says, a line {"ended"} after it: the exit code,
or the signal that ended it as a negative number. This process ends when its stdin does.
"""
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress

import netgear_peer


def main(path):
    children_wake, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    connections = {}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("listening", flush=True)
        while True:
            ready, _, _ = select.select([sys.stdin, listener, children_wake], [], [])
            if sys.stdin in ready:
                return
            if listener in ready:
                connection, _ = listener.accept()
                connections[_fork(connection)] = connection
            if children_wake in ready:
                children_wake.recv(4096)
                _report_ends(connections)


def _fork(connection):
    pid = os.fork()
    if pid == 0:
        os._exit(_peer(connection))
    return pid


def _peer(connection):
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard in (0, 1):
        os.dup2(connection.fileno(), standard)
    # What other peers have must not be kept open here.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    try:
        print(json.dumps({"pid": os.getpid()}), flush=True)
        return netgear_peer.main()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1


def _report_ends(connections):
    while connections:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        line = json.dumps({"ended": os.waitstatus_to_exitcode(status)})
        # Nobody may be there any more to be told; and it may have been ended in the middle of a line.
        with connections.pop(pid) as connection, suppress(OSError):
            connection.sendall(f"\n{line}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1])
