"""A table whose columns of one type change places: what takes the one for the other is a leak that nothing else shows."""
import time

from support import process

from .test_spool_files import RULES

CREATE = ("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, public VARCHAR(60), secret VARCHAR(60))")
MOVE = "ALTER TABLE shop.t MODIFY COLUMN public VARCHAR(60) AFTER secret"


def make(topology, name, **options):
    return topology(name, name, RULES, gtid=True, metadata=None if name == "mysql-5.6" else "MINIMAL", with_relay=False, settings={"source.tls": "off"}, **options)


def in_spool(top, files):
    process.wait_until(lambda: len(top.relay.spool_files()) == files, 30, f"{files} files in the spool")
    process.wait_until(lambda: top.relay.http("/health")[0] == 200, 30, "streaming")
    time.sleep(0.5)  # what the file holds that must not be read is read by now


def assert_halts_by_position(top):
    """The position in the file that was entered by GTIDs is not known, and its start would be the wrong one."""
    top.relay.start()
    reason = top.relay.wait_halted()
    assert "known by GTIDs only" in reason, reason
    top.relay.expected_ends.add(3)
    top.canaries.assert_absent(top.relay.spool, texts=[reason, top.relay.log_text()])
    top.relay.stop()
