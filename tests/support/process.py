"""Processes, ports and temporary folders that never outlive the run."""
import atexit
import ctypes
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_ROOM_IN_MEMORY = 6 << 30  # bytes: all workers with servers and big rows
GIBIBYTE = 1 << 30
_PORTS = range(12000, 32000)  # below net.ipv4.ip_local_port_range as Linux has it
_libc = ctypes.CDLL(None)
_folders = []
_processes = []


def disk_folder():
    """Where gigabytes go: TMPDIR if set, else /var/tmp, which is on a disk where /tmp may be memory."""
    return pathlib.Path(os.environ.get("TMPDIR") or "/var/tmp")


def require_disk(gibibytes):
    """Fails at once, and says why, where a test would fill the disk."""
    free = shutil.disk_usage(disk_folder()).free
    assert free > gibibytes * GIBIBYTE, \
        f"this test needs {gibibytes} GiB in {disk_folder()}, which has {free / GIBIBYTE:.1f}: make room, or set TMPDIR"


def _base_folder(on_disk):
    """TMPDIR if set; else memory, where servers start in a fraction of the time, if it has room; else the default."""
    memory = pathlib.Path("/dev/shm")
    if on_disk:
        return disk_folder()
    if os.environ.get("TMPDIR") or not os.access(memory, os.W_OK):
        return None
    return memory if shutil.disk_usage(memory).free > _ROOM_IN_MEMORY else None


def temp_folder(prefix, on_disk=False):
    """A new folder, removed at exit unless BINLOG_RELAY_KEEP is set. on_disk: for gigabytes, which are too much for memory."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"binlog-relay-{prefix}-", dir=_base_folder(on_disk)))
    _folders.append(folder)
    return folder


def remove_folder(folder):
    if not os.environ.get("BINLOG_RELAY_KEEP"):
        shutil.rmtree(folder, ignore_errors=True)


def free_port():
    """A port of 127.0.0.1 that no other test process is given for long. Not one of the range that the kernel takes for outgoing connections
    from: between this answer and the server's bind, any of the many connections of a test could be given it."""
    last = pathlib.Path(tempfile.gettempdir()) / f"binlog-relay-last-port-{os.getuid()}"
    with open(last, "a+", encoding="ascii") as counter:
        fcntl.flock(counter, fcntl.LOCK_EX)
        counter.seek(0)
        port = int(counter.read() or _PORTS[0])
        for _ in _PORTS:
            port = port + 1 if port + 1 in _PORTS else _PORTS[0]
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            counter.truncate(0)
            counter.write(str(port))
            return port
    raise RuntimeError(f"no free port between {_PORTS[0]} and {_PORTS[-1]}")


def _die_with_parent():
    # Even a test run that is killed leaves no server behind.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(arguments, network=None, **options):
    """Starts a child, in a network of its own (network.Network) if told, that dies with this process. Call it from the main thread: the
    kernel watches the thread that forked."""
    prefix = network.prefix if network else []
    child = subprocess.Popen([str(a) for a in (*prefix, *arguments)], stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent, **options)
    _processes.append(child)
    return child


def kill(child):
    if child.poll() is None:
        child.kill()
    child.wait()


def patient(seconds):
    """How long to wait for what takes at most `seconds` as a rule.

    BINLOG_RELAY_PATIENCE multiplies all waits, for machines that are busy with something else and for slower builds.
    """
    return seconds * float(os.environ.get("BINLOG_RELAY_PATIENCE") or 1)


def wait_until(condition, seconds, what, interval=0.05):
    """Returns condition()'s first true value; fails with `what` (text, or a function that makes it) after `seconds`, made patient."""
    end = time.monotonic() + patient(seconds)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what() if callable(what) else what}")
        time.sleep(interval)


def tail(path, lines=30):
    try:
        text = pathlib.Path(path).read_text(errors="replace")
    except OSError as error:
        return f"({error})"
    return "\n".join(text.splitlines()[-lines:])


@atexit.register
def _clean_up():
    for child in _processes:
        kill(child)
    for folder in _folders:
        remove_folder(folder)
