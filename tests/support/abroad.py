"""Source and relay in one network, sshd and replica in another, a line between them, and rows that are written all the time."""
import time

import pymysql

from . import compare, process, relay as relays, topology as topologies
from .network import Line, Network
from .ssh_server import KEEPALIVE, SshServer
from .writer import Writer

RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "ops.*"
optional = true
column_default = "keep"
[table.columns]
secret = "drop"
""" + topologies.HARNESS_RULE
# Without a unique key: what comes twice is there twice.
_TABLE = "CREATE TABLE ops.t (number BIGINT, secret VARCHAR(60), body LONGBLOB, KEY (number))"
_MEMORY_FLAT = 16 << 20  # bytes above what it was: of a connection libssh2 and the replica's session hold a few MiB
_MUCH = 40 * 1000 * 1000  # bytes


class Abroad:
    """`make_topology` makes a topology of two servers, as the fixture of that name does; `parts` is the ExitStack of what has to outlive it."""

    def __init__(self, make_topology, parts, server, keepalive=KEEPALIVE):
        def part(made):
            parts.callback(made.destroy)
            return made

        self.near, self.far = part(Network()), part(Network())
        self.line = part(Line(self.near, self.far))
        self.sshd = part(SshServer(self.far, Line.FAR))
        timeout = f"--{'slave' if server.startswith('mariadb') else 'replica'}-net-timeout={process.patient(5):.0f}"
        self.top = make_topology(server, server, RULES, with_relay=False, source_options={"network": self.near},
                                 replica_options={"network": self.far, "extra": [timeout]})
        self.top.source.execute("CREATE DATABASE ops", _TABLE)
        self.relay = self.top.make_relay(start=False)
        with open(self.relay.config, "a", encoding="utf-8") as config:
            config.write(self.sshd.section(keepalive))
        self.relay.start()
        self.wait_tunnel("open")
        self.top.replica.follow("127.0.0.1", self.sshd.remote_port, relays.REPLICA_USER, relays.REPLICA_PASSWORD, gtid=True)
        self.top.wait_caught_up()
        self._memory = 0
        self.writer = None

    def start_writing(self):
        self.writer = Writer(self.top, lambda number: f"INSERT INTO ops.t VALUES ({number}, %s, REPEAT('b', 1000))", pause=0.02)
        process.wait_until(lambda: self.rows_there() > 50, 30, lambda: f"rows flow: {self.told()}")
        self._memory = self.relay.memory_now()

    def write_much(self):
        """More than the relay's memory may grow: what waits has to be elsewhere."""
        self.top.source.execute(*["INSERT INTO ops.t VALUES (0, NULL, REPEAT('l', 1000000))"] * (_MUCH // 1000000))

    def tunnel(self):
        return self.relay.status()["tunnels"][0]

    def wait_tunnel(self, state, seconds=30):
        process.wait_until(lambda: self.tunnel()["state"] == state, seconds, lambda: f"tunnel {state}: {self.told()}")

    def wait_lost(self, seconds, before=0):
        """Waits until a session more than `before` was lost; returns how long that took."""
        begin = time.monotonic()
        process.wait_until(lambda: self.tunnel()["reconnects"] > before, seconds, lambda: f"loss seen: {self.told()}")
        return time.monotonic() - begin

    def told(self):
        """What everybody has to say when something takes too long."""
        return (f"{self.tunnel()}\nreplica: {self.top.replica.replica_status()}\nrelay: {process.tail(self.relay.log, 20)}\n"
                f"sshd: {process.tail(self.sshd.log, 20)}")

    def rows_there(self):
        try:
            return self.top.replica.value("SELECT COALESCE(MAX(number), 0) FROM ops.t")
        except pymysql.err.ProgrammingError:  # the table has not come yet
            return 0

    def recovery(self, figure, seconds, to_catch_up=60):
        """From now on: how long until the replica has a new row, at most `seconds`, and until it has all that is written, at most `to_catch_up`
        more."""
        begin, before = time.monotonic(), self.rows_there()

        def time_until(condition, most, what):
            process.wait_until(condition, most, lambda: f"{what}: {self.told()}", interval=0.01)
            return f"{time.monotonic() - begin:.1f} s"

        figure("first new row after", time_until(lambda: self.rows_there() > before, seconds, "a new row is there"))
        figure("caught up after", time_until(self._is_caught_up, to_catch_up, "all rows are there"))

    def _is_caught_up(self):
        written = self.writer.rows
        return self.rows_there() >= written

    def finish(self, figure):
        """Stops writing; nothing is lost, nothing there twice, and the relay's memory is what it was."""
        self.writer.stop()
        self.top.wait_caught_up(connecting=True)
        peak = self.relay.peak_memory()
        figure("rows", self.writer.rows)
        figure("memory", f"{self._memory >> 20} MiB before, peak {peak >> 20} MiB")
        assert self.top.source.value("SELECT COUNT(*) FROM ops.t WHERE number > 0") == self.writer.rows
        compare.assert_same_rows(self.top.source, self.top.replica, "ops.t", ["number", "body"])
        self.top.assert_gtids_equal()
        self.top.replica.assert_no_error(connecting=True)
        self.top.assert_no_leak()
        assert peak < self._memory + _MEMORY_FLAT, f"{self._memory} bytes before, then up to {peak}"
