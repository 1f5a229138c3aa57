"""Two traces that are no tokens of the stream: checksums of the source's events, and definitions that are read at the source, not from its log."""
import bisect
import re

from support import leak, process, relay as relays

from . import arena
from .way import RULES

# Events with rows or statements in them, compressed or not: what is left of them is never the same, so neither is its checksum.
_REWRITTEN = {2, 19, 23, 24, 25, 30, 31, 32, 39, 40, 160, 165, *range(166, 172)}
_CHECKSUM = 4


def source_checksums(server, streams):
    """A set of checksums for each stream, of the events between its start and its end."""
    starts = [stream.start for stream in streams]
    found = [set() for _ in streams]
    for path in server.binlog_files():
        offset = 4
        for kind, event in arena.events(path.read_bytes()):
            number = bisect.bisect_right(starts, (path.name, offset)) - 1
            offset += len(event)
            if kind in _REWRITTEN and number >= 0:
                found[number].add(event[-_CHECKSUM:])
    return found


def assert_no_checksum(server, passage):
    """No event of a stream's part of the spool ends with the checksum of one of that stream's events at the source."""
    planted = source_checksums(server, passage.streams)
    assert all(planted), "no checksum is known of some streams: the search would prove nothing"
    numbers = {stream.number: at for at, stream in enumerate(passage.streams)}
    for relay in passage.relays:
        here = None
        for file in relay.spool_files():
            for _, event in arena.events(file.read_bytes()):
                begun = re.search(rb"CREATE DATABASE `leak_(\d{4})`", event)
                here = numbers[int(begun.group(1))] if begun else here
                if here is not None and event[-_CHECKSUM:] in planted[here]:
                    raise AssertionError(f"{passage.streams[here].way.name}: the checksum of an event with values is in {file.name}")


_DEFINITIONS = (
    "CREATE DATABASE leak_9000",
    "CREATE TABLE leak_9000.t (id INT PRIMARY KEY COMMENT '{c}', secret VARCHAR(60) DEFAULT '{c}' COMMENT '{c}', s2 ENUM('{c}','b') DEFAULT 'b', "
    "kept INT, nulled VARCHAR(60) DEFAULT '{c}') COMMENT='{c}'",
    "CREATE TABLE leak_9000.t2 (id INT, secret VARCHAR(60) CHARACTER SET latin1) COMMENT='{c}' "
    "PARTITION BY LIST COLUMNS (secret) (PARTITION p VALUES IN ('{c}') COMMENT='{c}')",
)


def assert_definitions_stay(server):
    """The schema that a first start reads, and what `check` prints of it, has no value in it."""
    canaries = leak.Canaries()
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_log_bin=0")
        for sql in _DEFINITIONS:
            cursor.execute(re.sub(r"\{c\}", lambda _: canaries.text(), sql))
    canaries.assert_present(server.data_dir)
    relay = relays.Relay(server, RULES, settings={"source.start": "latest"}, start=False)
    try:
        words = [relay.check()[1]]
        relay.start()
        process.wait_until(lambda: relay.status()["phase"] == "streaming", 60, lambda: relay.http("/status")[1])
        words += [relay.http(path)[1] for path in ("/health", "/ready", "/status", "/metrics")]
        relay.stop()
        assert "leak_9000" in (relay.spool / "schema.history").read_text(), "the schema was not read"
        canaries.assert_absent(relay.folder, texts=words)
    finally:
        relay.destroy()
