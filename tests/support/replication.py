"""Replicas: pointing them at a source, waiting for them, reading their state."""
import itertools
import os

from . import flavours, process
from .servers import Server

_marks = itertools.count(1)
MARKER_DDL = ("CREATE DATABASE IF NOT EXISTS harness",
              "CREATE TABLE IF NOT EXISTS harness.marker (id BIGINT PRIMARY KEY) ENGINE=InnoDB")


class Replica(Server):
    """A server that follows another one, or a relay."""

    def __init__(self, name, **options):
        super().__init__(name, **options)

    def follow(self, host, port, user, password, gtid=True, file=None, pos=None, tls=None):
        self.execute(flavours.change_source_sql(self.kind, host, port, user, password, gtid, file, pos, tls))
        self.start_replica()

    def forget_source(self):
        """Stops and loses every setting of the connection; what was applied is known by its GTIDs."""
        self.stop_replica()
        self.execute(f"RESET {self._word()} ALL")

    def _word(self):
        return "SLAVE" if self.kind.mariadb or self.kind.old else "REPLICA"

    def start_replica(self):
        self.execute(f"START {self._word()}")

    def stop_replica(self):
        self.execute(f"STOP {self._word()}")

    def replica_status(self):
        """The state under names that are the same for every version; empty when it follows nobody."""
        import pymysql.cursors
        with self.connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(f"SHOW {self._word()} STATUS")
            row = cursor.fetchone()
        if row is None:
            return {}
        return {ours: next((row[theirs] for theirs in names if theirs in row), None)
                for ours, names in flavours.STATUS_KEYS.items()}

    def assert_no_error(self, connecting=False):
        """Fails when either thread stopped or reports an error; with connecting=True, lost connections are no error."""
        state = self.replica_status()
        broken = state["sql_running"] != "Yes" or state["sql_errno"]
        if not connecting:
            broken = broken or state["io_errno"]
        broken = broken or state["io_running"] == "No"
        if broken:
            raise AssertionError(f"replica {self.name} stopped: {describe(state)}\nits log:\n{self.log_tail(15)}")

    def wait_running(self, seconds=30):
        process.wait_until(lambda: self.replica_status().get("io_running") == "Yes", seconds,
                           lambda: f"replica {self.name} connected: {describe(self.replica_status())}")

    def wait_refused(self, *numbers, seconds=30):
        """Waits until it cannot connect for one of these errors; returns the error's text."""
        def refused():
            state = self.replica_status()
            return state["io_error"] if state["io_running"] != "Yes" and state["io_errno"] in numbers else None

        return process.wait_until(refused, seconds, lambda: f"replica {self.name} refused: {describe(self.replica_status())}")

    def wait_stopped(self, seconds=30):
        """Waits until a thread stops by an error; returns the state."""
        def stopped():
            state = self.replica_status()
            return state if "No" in (state["io_running"], state["sql_running"]) else None

        return process.wait_until(stopped, seconds, lambda: f"replica {self.name} stopped: {describe(self.replica_status())}")

    def wait_caught_up(self, source, seconds=60, connecting=False):
        """Writes a mark at the source and waits until it is here: works in every mode, and through any relay."""
        mark = os.getpid() * 1000000 + next(_marks)
        source.execute(*MARKER_DDL, f"INSERT INTO harness.marker VALUES ({mark})")
        self.wait_for_mark(mark, seconds, connecting)

    def wait_for_mark(self, mark, seconds=60, connecting=False):
        def arrived():
            self.assert_no_error(connecting)
            there = self.query("SELECT 1 FROM information_schema.tables WHERE table_schema='harness' AND table_name='marker'")
            return bool(there) and bool(self.query(f"SELECT 1 FROM harness.marker WHERE id={mark}"))

        process.wait_until(arrived, seconds, lambda: f"mark {mark} on {self.name}: {describe(self.replica_status())}")


def describe(state):
    return ", ".join(f"{key}={value}" for key, value in state.items() if value not in (None, ""))
