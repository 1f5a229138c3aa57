"""The audit record: what it counts, that no tampering passes, and that nothing of the relay lies open."""
import shutil
import time

import pytest

from .halting import prepare, write, halt_by_dml, assert_all_but_statements, assert_whole_record, entries


def counts_of(top, table):
    sums = {}
    for entry in entries(top, "counts"):
        for counted in entry["tables"]:
            if counted["table"] == table:
                for column, cells in counted["columns"].items():
                    sums[column] = [a + b for a, b in zip(sums.get(column, [0, 0, 0]), cells)]
    return sums


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_the_record_counts_what_left_and_tells_a_kill(topology, name):
    top = prepare(topology, name, True)
    write(top, 7)
    top.source.execute("UPDATE go.t SET n = 2")  # ten rows, both images
    top.wait_caught_up()
    top.relay.stop()
    counts = counts_of(top, "go.t")
    assert counts == {"id": [30, 0, 0], "secret": [0, 0, 30], "n": [30, 0, 0]}
    code, text = top.relay.command("audit")
    assert code == 0 and "go.t: 20 rows left" in text and "secret  values: 0 left as they are, 0 altered, 30 dropped" in text, text
    assert {entry["account"] for entry in entries(top, "replica connected")} == {"cloud_replica"}
    left = entries(top, "replica left")[-1]
    assert left["spool"][1] > 4 and left["gtids"]
    top.relay.start()
    write(top, 4)
    top.wait_caught_up(60, connecting=True)
    top.relay.kill9()
    top.relay.start()
    assert_all_but_statements(top)
    started = entries(top, "started")[-1]
    assert started["not_counted_transactions"] >= 4, started
    assert_whole_record(top)
    top.assert_no_leak()


def tamper(top, change):
    """Applies `change` to a copy of the lines of the record, and returns what `audit --verify` makes of it."""
    log = top.relay.spool / "audit.log"
    kept = log.read_bytes()
    lines = kept.splitlines(keepends=True)
    log.write_bytes(b"".join(change(lines)))
    code, text = top.relay.command("audit", "--verify")
    log.write_bytes(kept)
    return code, text


def edited(lines, number, old, new):
    assert old in lines[number]
    return lines[:number] + [lines[number].replace(old, new)] + lines[number + 1:]


TAMPERINGS = {
    "an entry edited": lambda lines: edited(lines, 2, b'"kind"', b'"k1nd"'),
    "the first entry edited": lambda lines: edited(lines, 0, b'"started"', b'"stopped"'),
    "the last entry edited": lambda lines: edited(lines, len(lines) - 1, b'"stopped"', b'"started"'),
    "an entry removed": lambda lines: lines[:2] + lines[3:],
    "the first entry removed": lambda lines: lines[1:],
    "the last entry removed": lambda lines: lines[:-1],
    "the last entry cut in its middle": lambda lines: lines[:-1] + [lines[-1][:len(lines[-1]) // 2]],
    "the record cut in the middle of an entry": lambda lines: lines[:3] + [lines[3][:90]],
    "an entry moved to the end": lambda lines: lines[:1] + lines[2:] + [lines[1]],
    "all entries removed": lambda lines: [],
    "two entries exchanged": lambda lines: lines[:1] + [lines[2], lines[1]] + lines[3:],
    "an entry doubled": lambda lines: lines[:2] + [lines[1]] + lines[2:],
    "an entry made up at the end": lambda lines: lines + [lines[-1].replace(b"SIGTERM", b"SIGINT")],
    "a line of something else": lambda lines: lines[:1] + [b"nothing\n"] + lines[1:],
}


def test_verify_finds_every_tampering(topology):
    top = prepare(topology, "mysql-9.7", True)
    halt_by_dml(top)
    assert top.relay.command("resolve", "--skip")[0] == 0
    assert_all_but_statements(top)
    top.relay.stop()
    code, text = tamper(top, lambda lines: lines)
    assert code == 0 and "whole" in text, text
    for what, change in TAMPERINGS.items():
        code, text = tamper(top, change)
        assert code == 4 and "line" in text, f"{what}: exit {code}: {text}"
    # Whoever only reads the record is told of it as well.
    log = top.relay.spool / "audit.log"
    kept = log.read_bytes()
    log.write_bytes(b"".join(TAMPERINGS["an entry removed"](kept.splitlines(keepends=True))))
    code, text = top.relay.command("audit")
    assert code == 4 and "was changed" in text and "halted" in text, text
    log.write_bytes(kept)
    hashes = [line[:64].decode() for line in log.read_bytes().splitlines()]
    assert top.relay.command("audit", "--noted", hashes[3])[0] == 0
    assert top.relay.command("audit", "--noted", "0" * 63 + "1")[0] == 4
    # The relay does not go on without its record either.
    shutil.copy(log, top.relay.folder / "kept")
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))
    top.relay.start(wait=False)
    assert top.relay.child.wait(30) == 1
    top.relay.expected_ends.add(1)
    assert "audit record" in top.relay.log_text()
    shutil.copy(top.relay.folder / "kept", log)
    top.relay.start()
    write(top)
    assert_all_but_statements(top)


def test_nothing_goes_on_while_the_record_is_elsewhere(topology):
    top = prepare(topology, "mysql-9.7", True)
    log = top.relay.spool / "audit.log"
    log.rename(log.with_name("audit.moved"))
    halt_by_dml(top)
    assert top.relay.command("resolve", "--skip")[0] == 0
    write(top, 1)
    time.sleep(3)  # many times what the relay takes to go on
    assert top.relay.http("/health")[0] == 503 and not log.exists()
    log.with_name("audit.moved").rename(log)
    assert_all_but_statements(top)
    assert entries(top, "halted") and entries(top, "resolved")
    top.relay.stop()
    assert_whole_record(top)


def test_files_are_for_the_relay_alone_and_no_core_is_dumped(topology):
    top = prepare(topology, "mysql-9.7", True)
    halt_by_dml(top)
    limits = open(f"/proc/{top.relay.child.pid}/limits").read()
    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")] == [["0", "0"]]
    assert SECRET_WORDS.isdisjoint(open(f"/proc/{top.relay.child.pid}/cmdline").read().split("\0"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in top.relay.spool.rglob("*")}
    assert {"halt.json", "audit.log", "audit.head", "spool.000001"} <= set(modes)
    assert set(modes.values()) == {0o600}, modes
    assert top.relay.spool.stat().st_mode & 0o777 == 0o700


SECRET_WORDS = {"source-pass-1", "replica-pass-1"}
