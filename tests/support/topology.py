"""Source, relay and replica put together, and what must be true of them at the end of every test."""
import os
import subprocess

from . import compare, flavours, leak, process, relay as relays
from .replication import MARKER_DDL, Replica
from .servers import Server, start_together

HARNESS_RULE = '\n[[table]]\nname = "harness.*"\noptional = true\ncolumn_default = "keep"\n'


class Topology:
    """A source, a relay with rules, a replica; `gtid` is the way of following, and of MySQL servers also their mode.

    on_disk: for gigabytes; servers are in memory otherwise.
    """

    def __init__(self, source, replica, rules, *, gtid=True, metadata=None, source_options=None, replica_options=None,
                 settings=None, server_gtid=None, with_relay=True, on_disk=False):
        self.on_disk = on_disk
        self.gtid, self.rules, self.settings = gtid, rules, settings or {}
        mode = gtid if server_gtid is None else server_gtid
        self.source = Server(source, gtid=mode, metadata=metadata, on_disk=on_disk, start=False, **(source_options or {}))
        self.replica = Replica(replica, gtid=mode, on_disk=on_disk, start=False, **(replica_options or {}))
        start_together(self.source, self.replica)
        self.canaries = leak.Canaries()
        self.relay = None
        relays.grant_source_account(self.source)
        self.source.execute(*MARKER_DDL)
        if with_relay:
            self.make_relay()

    def make_relay(self, start=True, source=None):
        self.relay = relays.Relay(source or self.source, self.rules, settings=self.settings, on_disk=self.on_disk, start=start)
        return self.relay

    def follow(self):
        relays.follow(self.replica, self.relay, gtid=self.gtid)

    def wait_caught_up(self, seconds=60, connecting=False):
        try:
            self.replica.wait_caught_up(self.source, seconds, connecting)
        except AssertionError as error:
            raise AssertionError(f"{error}\nrelay /health: {self.relay.http('/health')}\n"
                                 f"relay log:\n{process.tail(self.relay.log, 40)}") from None

    def assert_gtids_equal(self, seconds=10):
        """GTID sets have no holes: what the source has written, the replica has, and nothing else."""
        if self.source.kind.mariadb:
            source_sql, replica_sql = "SELECT @@global.gtid_binlog_pos", "SELECT @@global.gtid_slave_pos"
        else:
            source_sql = replica_sql = "SELECT REPLACE(@@global.gtid_executed, '\n', '')"
        process.wait_until(
            lambda: self.replica.value(replica_sql) == self.source.value(source_sql), seconds,
            lambda: f"GTIDs equal: source {self.source.value(source_sql)}, replica {self.replica.value(replica_sql)}")

    def assert_no_leak(self):
        """No canary in anything that the relay or the replica wrote or says; all of them at the source."""
        self.canaries.assert_present(self.source.binlog_dir)
        texts = [self.relay.log_text()] + [self.relay.http(path)[1] for path in ("/health", "/ready", "/status", "/metrics")]
        self.canaries.assert_absent(self.relay.spool, self.replica.data_dir, self.replica.relay_log_dir,
                                    self.replica.binlog_dir, self.replica.folder / "tmp", self.relay.folder, texts=texts)
        self.canaries.assert_absent(texts=[process.tail(self.replica.error_log, 100000)])

    def assert_spool_readable(self):
        """The version's own mysqlbinlog accepts every file of the spool, checksums verified."""
        files = self.relay.spool_files()
        assert files, f"no binlog file in {self.relay.spool}"
        for file in files:
            # 10.5's reader decodes rows only up to an UPDATE that changed stripped columns alone; its servers apply it.
            verify_binlog(self.source.client_path, file, rows=self.source.name != "mariadb-10.5")

    def assert_tables(self, expected):
        there = compare.tables(self.replica)
        assert there == set(expected), f"replica has tables {sorted(there)}, expected {sorted(expected)}"

    def destroy(self):
        for part in (self.relay, self.replica, self.source):
            if part is not None:
                part.destroy()


def verify_binlog(reader, file, rows=True):
    decoding = ["--verbose", "--base64-output=DECODE-ROWS"] if rows else []
    done = subprocess.run([reader, "--verify-binlog-checksum", *decoding, file],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    errors = [line for line in done.stderr.decode(errors="replace").splitlines()
              if "error" in line.lower() or "corrupt" in line.lower() or "truncated" in line.lower()]
    assert done.returncode == 0 and not errors, f"{reader} refuses {file}: exit {done.returncode}, {errors or done.stderr}"


def missing(*names):
    """Why a test with these servers cannot run here, or None. scripts/test names what it could not prepare."""
    absent = set((os.environ.get("BINLOG_RELAY_MISSING") or "").split())
    found = [name for name in names if name in absent]
    return f"not prepared on this machine: {', '.join(found)}" if found else None


def metadata_modes(name):
    return flavours.flavour(name).metadata_modes
