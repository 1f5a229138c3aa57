"""docs/new-replica.sh: five commands from an empty server to a replica that is proved to be the scrubbed source, while the source is written."""
import os
import pathlib
import signal
import subprocess

import pytest

from support import compare, process, relay as relays, ssh_server
from support.snapshot import grant_snapshot
from .bank import in_background
from .workload import RULES, TABLES, Workload, assert_stripped

ROOT = pathlib.Path(__file__).resolve().parents[2]
MYISAM = '[[table]]\nname = "shop.my?sam"\ncolumn_default = "keep"\n[table.columns]\nwho = "drop"\n'
SEED = "seed", "a-seeds-password"


@pytest.fixture
def five_commands():
    """Runs the script in a folder of its own; the relay that it starts ends with the test."""
    folders = []

    def run(relay, url):
        folder = process.temp_folder("new-replica")
        folders.append((folder, relay))
        (folder / "bin").mkdir()
        (folder / "bin/binlog-relay").symlink_to(relays.binary().resolve())
        done = subprocess.run([ROOT / "docs/new-replica.sh", relay.config, url], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300, check=False,
                              env={**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "BINLOG_RELAY_REPLICA_PASSWORD": SEED[1]})
        printed = done.stdout.decode(errors="replace") + (folder / "relay.log").read_text(errors="replace")
        assert done.returncode == 0, printed
        return printed

    yield run
    for folder, relay in folders:
        subprocess.run(["pkill", "-TERM", "-f", f"run -c {relay.config}"], check=False)
        process.remove_folder(folder)


def written(top):
    workload = Workload(top.source, top.canaries)
    workload.create()
    for _ in range(3):
        workload.write()
    rounds = iter(range(10**6))

    def write(_connection):
        workload.round = 100 + next(rounds)
        workload.write()

    return in_background(top.source, write)


def assert_follows(top, printed):
    top.wait_caught_up(120)
    top.assert_gtids_equal()
    tables = {table: expected for table, expected in TABLES.items() if table != "shop.myisam"}
    for table, expected in tables.items():
        compare.assert_same_rows(top.source, top.replica, table, expected.kept)
        assert_stripped(top.replica, table, expected)
    top.canaries.assert_absent(top.replica.data_dir, top.replica.binlog_dir, top.replica.relay_log_dir, texts=[printed])
    assert relays.REPLICA_PASSWORD not in printed and SEED[1] not in printed
    assert not list(top.relay.spool.glob("hold.*")), "the replica follows: nothing is held for it any more"


def seed_account(server):
    """Leaves the replica without a GTID of its own, so that both sides' can be compared."""
    server.execute("SET SESSION sql_log_bin = 0")
    server.create_account(*SEED, "ALL PRIVILEGES")
    server.execute("SET SESSION sql_log_bin = 1")


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6", "mariadb-10.11"])
def test_five_commands_make_a_replica_and_prove_it(topology, five_commands, name):
    top = topology(name, name, RULES.replace(MYISAM, ""), with_relay=False, settings={"source.start": "latest"})
    grant_snapshot(top.source)
    seed_account(top.replica)
    relay = top.make_relay(start=False)
    with written(top):
        printed = five_commands(relay, f"mysql://{SEED[0]}@127.0.0.1:{top.replica.port}/")
    assert_follows(top, printed)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_they_go_through_the_tunnel_of_the_configuration(topology, five_commands, name):
    """Nothing but the SSH server has to be reached from here."""
    top = topology(name, name, RULES.replace(MYISAM, ""), with_relay=False, settings={"source.start": "latest"})
    grant_snapshot(top.source)
    seed_account(top.replica)
    host = ssh_server.SshServer()
    host.let_in(top.replica.port)
    relay = top.make_relay(start=False)
    relay.config.write_text(relay.config.read_text() + host.section())
    try:
        with written(top):
            printed = five_commands(relay, f"mysql://{SEED[0]}@127.0.0.1:{top.replica.port}/?tunnel=127.0.0.1")
        assert_follows(top, printed)
        text = top.replica.query("SHOW SLAVE STATUS" if top.replica.kind.mariadb else "SHOW REPLICA STATUS")[0]
        assert host.remote_port in text, "it follows what listens at the tunnel's end"
    finally:
        host.destroy()
