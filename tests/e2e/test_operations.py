"""What happens to servers in the field: restarts, rotations, purges, absences, a full disk."""
import contextlib
import os
import pathlib
import signal
import subprocess

import pytest

from support import compare, process, relay as relays, topology as topologies

LONG = os.environ.get("BINLOG_RELAY_LONG") == "1"
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
PAIRS = [("mysql-9.7", True), ("mysql-9.7", False), ("mysql-5.6", False), ("mariadb-10.11", True), ("mariadb-10.11", False),
         ("mariadb-11.8", True)]
MEBIBYTE = 1 << 20


def prepare(topology, name, gtid, **options):
    top = topology(name, name, RULES, gtid=gtid, metadata=None if name == "mysql-5.6" else "MINIMAL", **options)
    top.source.execute("CREATE DATABASE ops", "CREATE TABLE ops.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), body LONGBLOB)")
    return top


def write(top, rows=3, size=100):
    for _ in range(rows):
        top.source.execute(f"INSERT INTO ops.t (secret, body) VALUES ('{top.canaries.text()}', REPEAT('b', {size}))")


def assert_identical(top, seconds=60, connecting=True):
    top.wait_caught_up(seconds, connecting)
    compare.assert_same_rows(top.source, top.replica, "ops.t", ["id", "body"])
    if top.source.kind.mariadb or top.source.gtid:
        top.assert_gtids_equal()


@pytest.mark.parametrize("name, gtid", PAIRS)
def test_source_and_replica_restart(topology, name, gtid):
    top = prepare(topology, name, gtid, source_options={"fsync": True})
    top.follow()
    write(top)
    top.source.restart()
    write(top)
    assert_identical(top)
    top.source.kill9()
    top.source.start()
    write(top)
    assert_identical(top)
    top.replica.restart()
    write(top)
    assert_identical(top)
    top.relay.stop()
    write(top)
    top.relay.start()
    assert_identical(top)
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("name, gtid", PAIRS)
def test_rotations_and_purges_at_the_source(topology, name, gtid):
    """Files come and go at the source; the relay has what it has read, and resumes without the old ones."""
    top = prepare(topology, name, gtid)
    top.follow()
    for _ in range(4):
        write(top, 2)
        top.source.execute("FLUSH LOGS")
    assert_identical(top)
    newest = top.source.binlog_files()[-1].name

    def purged():
        # A server keeps a file as long as InnoDB may need it for recovery, or a dump thread has not left it.
        top.source.execute(f"PURGE BINARY LOGS TO '{newest}'")
        return len(top.source.binlog_files()) == 1

    process.wait_until(purged, 30, lambda: f"only {newest} left: {top.source.binlog_files()}", interval=0.5)
    top.relay.stop()
    write(top, 2)
    top.relay.start()
    assert_identical(top)
    # The spool still has everything: a replica that begins now gets the whole history from it.
    assert len(top.relay.spool_files()) >= 5, "a spool file begins at every rotation of the source's file"
    top.assert_spool_readable()
    top.assert_no_leak()


@pytest.mark.parametrize("name, gtid", PAIRS)
def test_replica_away_while_data_is_written(topology, figure, name, gtid):
    if LONG:
        process.require_disk(10)
    top = prepare(topology, name, gtid, on_disk=LONG)
    top.follow()
    write(top)
    assert_identical(top)
    top.replica.stop_replica()
    total, size = (1024 * MEBIBYTE if LONG else 48 * MEBIBYTE), 2 * MEBIBYTE
    write(top, total // size, size)
    top.source.execute("FLUSH LOGS")
    write(top, 4, size)
    spooled = process.wait_until(lambda: bytes_spooled(top) > total and bytes_spooled(top), 300, "all of it is in the spool")
    figure("MiB in the spool when the replica came back", spooled // MEBIBYTE)
    assert top.replica.value("SELECT COUNT(*) FROM ops.t") == 3, "the replica was not away"
    top.replica.start_replica()
    assert_identical(top, 900 if LONG else 120)
    figure("relay's peak memory in MiB", top.relay.peak_memory() // MEBIBYTE)
    assert top.relay.peak_memory() < 300 * MEBIBYTE
    top.assert_no_leak()


def bytes_spooled(top):
    return sum(path.stat().st_size for path in top.relay.spool_files())


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_second_replica_begins_later_and_both_go_on(topology, need, name):
    from support.replication import Replica
    top = prepare(topology, name, True)
    top.follow()
    write(top)
    top.source.execute("FLUSH LOGS")
    write(top)
    second = Replica(name, gtid=True)
    try:
        relays.follow(second, top.relay, gtid=True)
        second.wait_caught_up(top.source)
        write(top)
        second.wait_caught_up(top.source)
        assert_identical(top, connecting=False)
        compare.assert_same_rows(top.source, second, "ops.t", ["id", "body"])
    finally:
        second.destroy()


class SmallDisk:
    """A tmpfs of a few mebibytes: needs the right to mount."""

    def __init__(self, mebibytes):
        self.path = process.temp_folder("disk")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", self.path], check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.refused = done.stdout.decode().strip() if done.returncode else None

    def grow(self, mebibytes):
        subprocess.run(["mount", "-o", f"remount,size={mebibytes}m", self.path], check=True)

    def remove(self):
        if not self.refused:
            subprocess.run(["umount", "--lazy", self.path], check=False)


@pytest.fixture
def small_disk():
    disk = SmallDisk(16)
    if disk.refused:
        pytest.skip(f"cannot mount a small tmpfs here: {disk.refused}")
    yield disk
    disk.remove()


@pytest.mark.parametrize("name, gtid", [("mysql-9.7", True), ("mariadb-10.11", True), ("mariadb-10.11", False)])
def test_full_spool_disk_stops_cleanly_and_goes_on(topology, small_disk, name, gtid):
    top = prepare(topology, name, gtid, settings={"spool.directory": str(small_disk.path / "spool")})
    top.relay.spool = pathlib.Path(small_disk.path / "spool")
    top.follow()
    write(top)
    assert_identical(top)
    write(top, 30, MEBIBYTE)
    reason = top.relay.wait_halted(60)
    assert "space" in reason.lower() or "full" in reason.lower(), f"/health does not say what is wrong: {reason}"
    assert top.relay.child.poll() is None, "a full disk must not end the relay"
    # What is whole stays served while the disk is full: the replica's own state is no error.
    top.replica.assert_no_error(connecting=True)
    small_disk.grow(200)
    assert_identical(top, 120)
    process.wait_until(lambda: top.relay.http("/health")[0] == 200, 30, "/health is 200 again")
    top.assert_spool_readable()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_tables_change_while_the_disk_is_full(topology, small_disk, name):
    """The schema history is on that disk too, and is written before the spool: neither may get ahead of the other."""
    top = prepare(topology, name, True, settings={"spool.directory": str(small_disk.path / "spool")})
    top.relay.spool = pathlib.Path(small_disk.path / "spool")
    top.follow()
    write(top)
    assert_identical(top)
    free = os.statvfs(small_disk.path).f_bavail * os.statvfs(small_disk.path).f_frsize
    (small_disk.path / "filler").write_bytes(b"x" * (free - 3 * 4096))
    for number in range(60):
        top.source.execute(f"ALTER TABLE ops.t ADD COLUMN c{number} INT")
    reason = top.relay.wait_halted(60)
    assert "space" in reason.lower() or "full" in reason.lower(), f"/health does not say what is wrong: {reason}"
    small_disk.grow(200)
    assert_identical(top, 120)
    compare.assert_same_schema(top.source, top.replica, "ops.t", ["secret"])


def test_rules_are_offered_while_the_disk_is_full(topology, small_disk):
    """Rules in force are kept beside the spool: without room for them nothing goes on, and whoever watches must see it."""
    top = prepare(topology, "mysql-9.7", True, settings={"spool.directory": str(small_disk.path / "spool")})
    top.relay.spool = pathlib.Path(small_disk.path / "spool")
    top.follow()
    write(top)
    assert_identical(top)
    with open(small_disk.path / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"x" * 4096)
    top.relay.write_rules(RULES + '\n[[table]]\nname = "ops.later"\noptional = true\ncolumn_default = "keep"\n')
    top.relay.child.send_signal(signal.SIGHUP)
    reason = top.relay.wait_halted(60)
    assert "waiting for the spool" in reason, f"/health does not say what is wrong: {reason}"
    small_disk.grow(200)
    process.wait_until(lambda: top.relay.http("/health")[0] == 200, 60, "/health is 200 again")
    assert "other rules are in force" in top.relay.log_text(), "well again before the rules were kept"
    write(top)
    assert_identical(top)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_killed_while_the_disk_is_full(topology, small_disk, name):
    """Recovery too has to work without room, and to go on when there is some."""
    top = prepare(topology, name, True, settings={"spool.directory": str(small_disk.path / "spool")})
    top.relay.spool = pathlib.Path(small_disk.path / "spool")
    top.follow()
    write(top, 30, MEBIBYTE)
    top.relay.wait_halted(60)
    top.relay.kill9()
    small_disk.grow(200)
    top.relay.start()
    assert_identical(top, 120)
    top.assert_spool_readable()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_statement_that_may_carry_values_stops_the_stream_before_it(topology, name):
    """Statement-based DML has values in its text: nothing of it leaves, the operator is told, and a restart changes nothing."""
    top = prepare(topology, name, True)
    top.follow()
    write(top)
    assert_identical(top)
    before = top.replica.value("SELECT COUNT(*) FROM ops.t")
    secret = top.canaries.text()
    with top.source.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION binlog_format='STATEMENT'")
        cursor.execute(f"INSERT INTO ops.t (secret, body) VALUES ('{secret}', 'statement')")
    reason = top.relay.wait_halted(30)
    assert secret not in reason and "binlog_format=ROW" in reason, f"/health does not say what to do: {reason}"
    top.relay.expected_ends.add(3)
    write(top)
    top.relay.stop()
    top.relay.start()
    assert "binlog_format=ROW" in top.relay.wait_halted(30)
    assert top.replica.value("SELECT COUNT(*) FROM ops.t") == before
    top.assert_no_leak()
