"""Nothing lost and nothing twice: the relay is killed at random instants, and after every single event of a group."""
import os
import random
import threading
import time

import pytest

from support import compare, process, proxy as proxies, relay as relays, spool, topology as topologies

LONG = os.environ.get("BINLOG_RELAY_LONG") == "1"
KILLS = 200 if LONG else 8
FAR = 16 << 20  # bytes that the source may be ahead of the relay
LINK = 8 << 20  # bytes a second from the source: the relay is to be at work most of the time, not waiting for more
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
TABLES = {"crash.a": ["id", "n", "body"], "crash.tail": ["id", "n"], "crash.large": ["id", "n", "body"]}
SCHEMA = (
    "CREATE DATABASE crash",
    "CREATE TABLE crash.a (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), n INT, body VARCHAR(3000)) ENGINE=InnoDB",
    "CREATE TABLE crash.tail (id INT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB",
    "CREATE TABLE crash.large (id INT PRIMARY KEY, secret VARCHAR(60), n INT, body MEDIUMTEXT) ENGINE=InnoDB",
    "INSERT INTO crash.large VALUES (1, 'x', 1, ''), (2, 'x', 2, ''), (3, 'x', 3, ''), (4, 'x', 4, '')",
    "CREATE DATABASE unseen",
    "CREATE TABLE unseen.x (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60)) ENGINE=InnoDB",
)


class Writer(threading.Thread):
    """Writes transactions of all sizes until told to stop, without a pause but when the relay is far behind."""

    def __init__(self, top, seed):
        super().__init__(daemon=True)
        self.source, self.relay, self.canaries = top.source, top.relay, top.canaries
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
                    while self.transactions % 10 == 0 and not self.enough.is_set() and self._is_far_ahead():
                        time.sleep(0.02)
        except Exception as error:  # the test reports it
            self.error = error

    def _is_far_ahead(self):
        return spool.bytes_behind(self.source, self.relay.spool_files()) > FAR

    def _transaction(self, cursor):
        cursor.execute("BEGIN")
        for _ in range(self.random.choice([1, 1, 2, 5, 30])):
            self._statement(cursor, self.random.random(), self.canaries.text())
        if self.random.random() < 0.1:
            self._large_rows(cursor)
        cursor.execute("ROLLBACK" if self.random.random() < 0.05 else "COMMIT")

    def _statement(self, cursor, kind, token):
        size = self.random.choice([1, 100, 3000])
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

    def _large_rows(self, cursor):
        """Half a megabyte and more in one transaction: what the relay does with it is in the spool's file before the commit.

        By one statement, which most servers here write as several events, or by one for each row.
        """
        size = self.random.randrange(70000, 120000)
        for rows in self.random.choice([[""], [f" WHERE id={row}" for row in range(1, 5)]]):
            cursor.execute(f"UPDATE crash.large SET secret='{self.canaries.text()}', n=n+1, body=REPEAT(CHAR(97 + n % 26), {size}){rows}")

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


def whole_statements(name, gtid):
    """A MariaDB replica without GTIDs does not survive a cut between the row events of one statement, whoever serves it: none is split."""
    return {"extra": ["--binlog-row-event-max-size=4M"]} if name.startswith("mariadb") and not gtid else None


def restart_and_kill(top, rnd):
    """A life of the relay: ended as it starts, as it catches up, or some time later.

    Returns whether it was behind the source, and whether a transaction was partly in the spool.
    """
    early = rnd.random() < 0.4
    top.relay.start(wait=not early)
    time.sleep(rnd.uniform(0, 0.4) if early else rnd.choice([0, 0.01, 0.1, 0.5, rnd.random()]))
    top.relay.kill9()
    files = top.relay.spool_files()
    return spool.bytes_behind(top.source, files) > 0, spool.torn_bytes(files[-1]) > 0


@pytest.mark.parametrize("name, gtid", [("mysql-9.7", True), ("mysql-9.7", False), ("mysql-5.6", True), ("mysql-5.6", False),
                                        ("mariadb-10.11", True), ("mariadb-10.11", False), ("mariadb-10.5", True), ("mariadb-11.8", True)])
def test_killed_at_random_instants_under_load(topology, figure, name, gtid):
    seed = int(os.environ.get("BINLOG_RELAY_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}: repeat with BINLOG_RELAY_SEED={seed}")
    rnd = random.Random(seed)
    settings = {"source.tls": "off", "spool.sync": rnd.choice(["transaction", "1s", "off"])}
    top = topology(name, name, RULES, gtid=gtid, metadata=None if name == "mysql-5.6" else "MINIMAL", settings=settings,
                   with_relay=False, on_disk=LONG, source_options=whole_statements(name, gtid))
    top.source.execute(*SCHEMA)
    link = proxies.SlowLink(lambda: top.source.port, LINK)
    top.make_relay(source=("127.0.0.1", link.port))
    top.follow()
    top.wait_caught_up(60)
    top.relay.kill9()
    writer = Writer(top, seed)
    writer.start()
    behind = inside = 0
    for number in range(KILLS):
        if number % 4 == 3:
            top.source.execute("FLUSH LOGS")
        was_behind, was_inside = restart_and_kill(top, rnd)
        behind, inside = behind + was_behind, inside + was_inside
        assert writer.error is None, writer.error
    top.relay.start()
    writer.finish()
    top.wait_caught_up(300, connecting=True)
    link.close()
    for what, value in (("kills", KILLS), ("of them behind the source", behind),
                        ("with a transaction partly in the spool", inside), ("seed", seed), ("sync", settings["spool.sync"]), ("transactions", writer.transactions)):
        figure(what, value)
    assert writer.transactions > KILLS, "the writer wrote next to nothing: this test proved nothing"
    assert inside >= KILLS // 10, f"only {inside} of {KILLS} kills fell into a transaction: this test proved little"
    assert_identical(top)
    top.assert_spool_readable()


# GTID, as often a table map and rows, a table map and rows in four events, the end; the relay drops those of the table that does not leave.
# A usual run has each kind of event at each kind of place: 19 events behind the relay. A long one: 45.
STATEMENTS = 28 if LONG else 9
LONG_STATEMENT = "UPDATE crash.large SET n=%d"  # each of four rows is more than binlog_row_event_max_size, so it has an event of its own
LONG_STATEMENT_EVENTS = 5


def write_group(top, number):
    rows = []
    for at in range(STATEMENTS):
        token = top.canaries.text()
        table = ("crash.a (secret, n)", "crash.tail (n)", "unseen.x (secret)")[at % 3]
        values = {"crash.a (secret, n)": f"'{token}', {number * 100 + at}", "crash.tail (n)": str(number * 100 + at),
                  "unseen.x (secret)": f"'{token}'"}[table]
        rows.append(f"INSERT INTO {table} VALUES ({values})")
    top.source.execute("BEGIN", *rows, LONG_STATEMENT % number, "COMMIT")


def kept_events(kills_at_source):
    """How many events of a group pass the proxy: all at the source, without those of unseen.x behind the relay."""
    unseen = len([at for at in range(STATEMENTS) if at % 3 == 2])
    return 2 + LONG_STATEMENT_EVENTS + 2 * (STATEMENTS if kills_at_source else STATEMENTS - unseen)


@pytest.mark.parametrize("side, gtid", [("replica", True), ("replica", False), ("source", True)])
@pytest.mark.parametrize("name", ["mariadb-10.5", "mariadb-10.11", "mariadb-11.8", "mysql-9.7"])
def test_cut_and_killed_after_every_event_of_a_group(topology, figure, name, side, gtid):
    """A MariaDB replica that loses its source inside a group skips as many events as it had: the same ones must come again.

    Without GTIDs it goes on inside the group.
    """
    # The proxy counts packets, so nothing may be encrypted on its side.
    settings = {"source.tls": "off"} if side == "source" else None
    top = topology(name, name, RULES, gtid=gtid, metadata="FULL", with_relay=False, settings=settings, source_options=whole_statements(name, gtid))
    top.source.execute(*SCHEMA, "UPDATE crash.large SET body=REPEAT('b', 9000)")
    if side == "source":
        proxy = proxies.Proxy(lambda: top.source.port)
        top.make_relay(source=("127.0.0.1", proxy.port))
        top.follow()
    else:
        top.make_relay()
        proxy = proxies.Proxy(lambda: top.relay.port)
        top.replica.follow("127.0.0.1", proxy.port, relays.REPLICA_USER, relays.REPLICA_PASSWORD, gtid=gtid)
    top.wait_caught_up()
    try:
        last = kept_events(side == "source") - (LONG_STATEMENT_EVENTS - 2 if whole_statements(name, gtid) else 0)
        figure("groups cut, and the relay killed", cut_at_each_event(top, proxy, last))
    finally:
        proxy.close()
    assert_identical(top)
    top.assert_spool_readable()


def cut_at_each_event(top, proxy, last):
    for events in range(1, last):
        proxy.on_cut = top.relay.child.kill
        proxy.cut_after(events, torn=events % 2 == 0)
        write_group(top, events)
        assert proxy.cut.wait(process.patient(30)), f"the proxy saw no group of more than {events} events; {process.tail(top.relay.log)}"
        top.relay.child.wait()
        top.relay.start()
        # Every group is checked before the next: a row lost in one must not hide behind a later failure.
        top.wait_caught_up(60, connecting=True)
        at_source = top.source.value("SELECT COUNT(*) FROM crash.a")
        at_replica = top.replica.value("SELECT COUNT(*) FROM crash.a")
        assert at_source == at_replica, f"cut after event {events}: {at_source} rows at the source, {at_replica} at the replica"
    return last - 1


@pytest.mark.parametrize("name", ["mariadb-10.5", "mariadb-10.11", "mariadb-11.8"])
def test_mariadb_without_gtids_cut_inside_a_statement_goes_on_after_start_slave(topology, name):
    """Its check for a whole statement (1595) does not survive a reconnection, with a source as with the relay; nothing is lost."""
    top = topology(name, name, RULES, gtid=False, metadata="FULL", with_relay=False)
    top.source.execute(*SCHEMA, "UPDATE crash.large SET body=REPEAT('b', 9000)")
    top.make_relay()
    proxy = proxies.Proxy(lambda: top.relay.port)
    try:
        top.replica.follow("127.0.0.1", proxy.port, relays.REPLICA_USER, relays.REPLICA_PASSWORD, gtid=False)
        top.wait_caught_up()
        proxy.cut_after(4)  # GTID, table map, the first two rows
        top.source.execute(LONG_STATEMENT % 1)
        assert proxy.cut.wait(30)
        assert top.replica.wait_stopped(60)["io_errno"] == 1595
        top.replica.execute("STOP SLAVE")
        top.replica.start_replica()
        top.wait_caught_up(60, connecting=True)
    finally:
        proxy.close()
    compare.assert_same_rows(top.source, top.replica, "crash.large", ["id", "n", "body"])
