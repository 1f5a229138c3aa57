"""Sends what was planted through a relay, as often as it takes to get behind every halt, with a replica behind it."""
import contextlib
import json
import pathlib
import signal
import struct

from support import process, proxy, relay as relays, servers
from support.replication import Replica, describe

from . import plant
from .way import RULES

AT_ONCE = 8  # relays that start together
MARIADB_ANNOTATES = 2  # flag of COM_BINLOG_DUMP: send ANNOTATE_ROWS
_PATHS = ("/health", "/ready", "/status", "/metrics", "/", "/health?x=%2e", "/nothing")


def options(name):
    # GTIDs forbid some ways to MySQL: 5.6 goes without, 9.7 with them.
    return dict(gtid=name == "mysql-9.7", metadata=None if name == "mysql-5.6" else "FULL", extra=plant.OPTIONS[name])


def make_source(name, start=True):
    return servers.Server(name, start=start, **options(name))


def make_replica(name):
    made = options(name)
    return Replica(name, start=False, **{**made, "extra": (*made["extra"], "--relay-log-purge=0", *plant.REPLICA_OPTIONS.get(name, ()))})


def unscrubbed_program():
    path = relays.binary().parents[2] / "tests/leak/unscrubbed_relay"
    assert path.exists(), f"{path} is not built: cmake --build --preset release --target unscrubbed_relay"
    return path


class Passage:
    """One program, one replica, all streams. Afterwards `relays` are stopped, their folders are there, and `words` is what they said.

    program: another than the relay itself, whose spool the egress check would stop.
    """

    def __init__(self, source, replica, streams, program=None):
        self.source, self.replica, self.streams, self.program = source, replica, streams, program
        self.relays, self.started, self.words, self.halts = [], {}, {}, {}
        self.replica_errors = []
        self.on_relay_log = lambda folder: None

    def run(self):
        flags = MARIADB_ANNOTATES if self.source.kind.mariadb else 0
        self.way_in = proxy.Proxy(lambda: self.source.port, dump_flags=flags)
        try:
            at = 0
            while at < len(self.streams):
                at = self._one_relay(at)
        finally:
            self.way_in.close()
        return self

    def _start(self, first):
        file, offset = self.streams[first].start
        settings = {"source.start": f"{file}:{offset}", "source.tls": "off"}
        if self.program is not None:
            settings["spool.prove"] = False
        relay = relays.Relay(("127.0.0.1", self.way_in.port), RULES, program=self.program, start=False, settings=settings)
        relay.expected_ends.add(3)  # stopped by a rule
        self.relays.append(relay)
        return relay.start(wait=False)

    def _relay_from(self, first):
        """Where a halt is followed by others, their relays begin at once: most of a start is waiting."""
        ahead = [n for n in range(first, min(first + AT_ONCE, len(self.streams))) if self._may_halt(self.streams[n].way)]
        for number in {first, *(ahead if first in ahead and self.halts else ())} - self.started.keys():
            self.started[number] = self._start(number)
        return self.started[first]

    def _may_halt(self, way):
        return way.may_halt or way.halts_on(self.source.name)

    def _one_relay(self, first):
        """Returns the number of the stream behind the one that halted it."""
        relay = self._relay_from(first)
        end = self.streams[-1].end
        status = process.wait_until(lambda: self._ended(relay, end), 120, lambda:
        f"relay at the end: {relay.http('/status')[1]}\n{relay.log_text()[-3000:]}")
        self._replicate(relay, status["spool"]["tail"])
        self._listen_to(relay)
        halt = status.get("halt")
        if not halt:
            assert_no_core(relay)
            return len(self.streams)
        relay.stop()
        relay.assert_no_crash()
        at = (halt["transaction_start"]["file"], halt["transaction_start"]["offset"])
        number = next(n for n, stream in enumerate(self.streams) if stream.start <= at < stream.end)
        assert number >= first, f"halted before the place where it began: {halt}"
        self.halts[number] = halt["reason"]
        return number + 1

    @staticmethod
    def _ended(relay, end):
        assert relay.child.poll() is None, f"the relay ended: {relay.log_text()}"
        status = json.loads(relay.http("/status")[1] or "{}")
        position = status.get("source", {}).get("position", {})
        if status.get("phase") == "halted" or (position.get("file", ""), position.get("offset", 0)) >= end:
            return status
        return None

    def _replicate(self, relay, tail):
        """Lets the replica take all that is published, then looks into its relay log, which the next one removes."""
        replica = self.replica
        word = "SLAVE" if replica.kind.mariadb or replica.kind.old else "REPLICA"
        replica.execute(f"STOP {word}")
        relays.follow(replica, relay, gtid=False, file="spool.000001", pos=4)

        def arrived():
            state = replica.replica_status()
            if state["sql_errno"] or state["io_errno"] or "No" in (state["io_running"], state["sql_running"]):
                self.replica_errors.append(describe(state))
                return True
            return (state["source_file"], state["read_pos"]) == (tail["file"], tail["offset"]) and \
                (state["exec_file"], state["exec_pos"]) == (tail["file"], tail["offset"] if has_transactions(relay) else state["exec_pos"])

        process.wait_until(arrived, 120, lambda: f"replica at {tail}: {describe(replica.replica_status())}")
        self.on_relay_log(replica.relay_log_dir)

    def _listen_to(self, relay):
        number = len(self.relays)
        for path in _PATHS:
            self.words[f"relay {number} {path}"] = relay.http(path)[1]
        proc = pathlib.Path(f"/proc/{relay.child.pid}")
        for name in ("cmdline", "environ", "comm", "status"):
            self.words[f"relay {number} {name}"] = (proc / name).read_bytes()
        assert "Max core file size        0 " in (proc / "limits").read_text(), "the relay may write a core file"
        for link in (proc / "fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                target = link.readlink()
                if str(target).startswith("/") and not str(target).startswith(("/dev/", "/proc/", str(relay.folder))):
                    raise AssertionError(f"the relay has a file open outside its folder: {target}")
        self.words[f"relay {number} status"] = relay.command("status")[1]
        self.words[f"relay {number} audit"] = relay.command("audit")[1]
        self.words[f"relay {number} log"] = relay.log_text()
        for file in relay.spool_files():
            self.words[f"relay {number} inspect {file.name}"] = relay.inspect(file)

    def spool_bytes(self):
        return b"".join(file.read_bytes() for relay in self.relays for file in relay.spool_files())

    def destroy(self):
        for relay in self.relays:
            relay.destroy()


def assert_no_core(relay):
    """Not even a crash writes what is in memory to the disk."""
    before = set(pathlib.Path.cwd().glob("core*"))
    relay.child.send_signal(signal.SIGABRT)
    relay.child.wait(30)
    left = set(pathlib.Path.cwd().glob("core*")) - before | set(relay.folder.rglob("core*"))
    assert not left, f"the relay left {left}"


def events(data):
    """(type, event) of a spool file's bytes behind its magic number."""
    at = 4
    while at + 19 <= len(data):
        size = struct.unpack_from("<I", data, at + 9)[0]
        yield data[at + 4], data[at:at + size]
        at += size


_OPENING = (15, 35, 163, 4)  # format description, previous GTIDs, GTID list, rotate


def has_transactions(relay):
    return any(kind not in _OPENING for file in relay.spool_files() for kind, _ in events(file.read_bytes()))
