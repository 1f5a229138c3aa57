"""Nothing lost and nothing twice: the relay is killed at random instants, and after every single event of a group."""
import os
import random
import threading
import time

import pytest

from support import compare, process, proxy as proxies, relay as relays, topology as topologies

LONG = os.environ.get("BINLOG_RELAY_LONG") == "1"
KILLS = 200 if LONG else 8
RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "crash.*"
optional = true
column_default = "keep"
[table.columns]
secret = "drop"
[[table]]
name = "crash.tail*"
optional = true
column_default = "keep"
""" + topologies.HARNESS_RULE
TABLES = {"crash.a": ["id", "n", "body"], "crash.tail": ["id", "n"]}
SCHEMA = (
    "CREATE DATABASE crash",
    "CREATE TABLE crash.a (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), n INT, body VARCHAR(3000)) ENGINE=InnoDB",
    "CREATE TABLE crash.tail (id INT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB",
    "CREATE DATABASE unseen",
    "CREATE TABLE unseen.x (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60)) ENGINE=InnoDB",
)


class Writer(threading.Thread):
    """Writes transactions of all sizes without a pause, until told to stop."""

    def __init__(self, top, seed):
        super().__init__(daemon=True)
        self.source, self.canaries = top.source, top.canaries
        self.random, self.enough, self.error, self.transactions = random.Random(seed), threading.Event(), None, 0

    def run(self):
        try:
            connection = self.source.connect()
            with connection, connection.cursor() as cursor:
                while not self.enough.is_set():
                    self._transaction(cursor)
                    self.transactions += 1
                    # Faster than any replica would only make the end of the test wait.
                    time.sleep(0.002)
        except Exception as error:  # the test reports it
            self.error = error

    def _transaction(self, cursor):
        cursor.execute("BEGIN")
        for _ in range(self.random.choice([1, 1, 2, 5, 30])):
            kind = self.random.random()
            token, size = self.canaries.text(), self.random.choice([1, 100, 3000])
            if kind < 0.5:
                cursor.execute(f"INSERT INTO crash.a (secret, n, body) VALUES ('{token}', 1, REPEAT('b', {size}))")
            elif kind < 0.65:
                cursor.execute(f"UPDATE crash.a SET n=n+1, secret='{token}' ORDER BY id DESC LIMIT 3")
            elif kind < 0.75:
                cursor.execute("DELETE FROM crash.a ORDER BY id LIMIT 1")
            elif kind < 0.9:
                cursor.execute("INSERT INTO crash.tail (n) VALUES (7)")
            else:
                cursor.execute(f"INSERT INTO unseen.x (secret) VALUES ('{token}')")
        cursor.execute("ROLLBACK" if self.random.random() < 0.05 else "COMMIT")

    def finish(self):
        self.enough.set()
        self.join()
        if self.error:
            raise self.error


def assert_identical(top):
    for table, kept in TABLES.items():
        compare.assert_same_rows(top.source, top.replica, table, kept)
    if top.source.kind.mariadb or top.source.gtid:
        top.assert_gtids_equal()
    top.assert_no_leak()


@pytest.mark.parametrize("name, gtid", [("mysql-9.7", True), ("mysql-9.7", False), ("mysql-5.6", True), ("mysql-5.6", False),
                                        ("mariadb-10.11", True), ("mariadb-10.11", False), ("mariadb-10.5", True), ("mariadb-11.8", True)])
def test_killed_at_random_instants_under_load(topology, name, gtid):
    seed = int(os.environ.get("BINLOG_RELAY_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}: repeat with BINLOG_RELAY_SEED={seed}")
    rnd = random.Random(seed)
    top = topology(name, name, RULES, gtid=gtid, metadata=None if name == "mysql-5.6" else "MINIMAL")
    top.source.execute(*SCHEMA)
    top.follow()
    writer = Writer(top, seed)
    writer.start()
    for number in range(KILLS):
        time.sleep(rnd.choice([0, 0.01, 0.1, 0.5, rnd.random()]))
        top.relay.kill9()
        if number % 4 == 3:
            top.source.execute("FLUSH LOGS")
        top.relay.start()
        assert writer.error is None, writer.error
    writer.finish()
    top.wait_caught_up(120, connecting=True)
    assert writer.transactions > KILLS, "the writer wrote next to nothing: this test proved nothing"
    assert_identical(top)
    top.assert_spool_readable()


# GTID, 19 times a table map and rows, the end: 40 events behind the relay, which drops those of the table that does not leave.
STATEMENTS = 28


def write_group(top, number):
    rows = []
    for at in range(STATEMENTS):
        token = top.canaries.text()
        table = ("crash.a (secret, n)", "crash.tail (n)", "unseen.x (secret)")[at % 3]
        values = {"crash.a (secret, n)": f"'{token}', {number * 100 + at}", "crash.tail (n)": str(number * 100 + at),
                  "unseen.x (secret)": f"'{token}'"}[table]
        rows.append(f"INSERT INTO {table} VALUES ({values})")
    top.source.execute("BEGIN", *rows, "COMMIT")


def kept_events(kills_at_source):
    """How many events of a group pass the proxy: all at the source, without those of unseen.x behind the relay."""
    unseen = len([at for at in range(STATEMENTS) if at % 3 == 2])
    return 2 + 2 * (STATEMENTS if kills_at_source else STATEMENTS - unseen)


@pytest.mark.parametrize("side", ["replica", "source"])
@pytest.mark.parametrize("name", ["mariadb-10.5", "mariadb-10.11", "mariadb-11.8", "mysql-9.7"])
def test_cut_and_killed_after_every_event_of_a_group(topology, name, side):
    """A MariaDB replica that loses its source inside a group skips as many events as it had: the same ones must come again."""
    # The proxy counts packets, so nothing may be encrypted on its side.
    settings = {"source.tls": "off"} if side == "source" else None
    top = topology(name, name, RULES, metadata="FULL", with_relay=False, settings=settings)
    top.source.execute(*SCHEMA)
    if side == "source":
        proxy = proxies.Proxy(lambda: top.source.port)
        top.make_relay(source=("127.0.0.1", proxy.port))
        top.follow()
    else:
        top.make_relay()
        proxy = proxies.Proxy(lambda: top.relay.port)
        top.replica.follow("127.0.0.1", proxy.port, relays.REPLICA_USER, relays.REPLICA_PASSWORD, gtid=True)
    top.wait_caught_up()
    try:
        cut_at_each_event(top, proxy, side)
    finally:
        proxy.close()
    assert_identical(top)
    top.assert_spool_readable()


def cut_at_each_event(top, proxy, side):
    last = kept_events(side == "source")
    for events in range(1, last):
        proxy.on_cut = top.relay.child.kill
        proxy.cut_after(events, torn=events % 2 == 0)
        write_group(top, events)
        assert proxy.cut.wait(30), f"the proxy saw no group of more than {events} events; {process.tail(top.relay.log)}"
        top.relay.child.wait()
        top.relay.start()
        # Every group is checked before the next: a row lost in one must not hide behind a later failure.
        top.wait_caught_up(60, connecting=True)
        at_source = top.source.value("SELECT COUNT(*) FROM crash.a")
        at_replica = top.replica.value("SELECT COUNT(*) FROM crash.a")
        assert at_source == at_replica, f"cut after event {events}: {at_source} rows at the source, {at_replica} at the replica"
