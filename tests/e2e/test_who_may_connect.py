"""Who may connect, as real clients meet it: a database driver, and each server's own command line client."""
import socket
import subprocess
import time

import pymysql
import pytest

from support import flavours, process, relay as relays
from support.certificates import Authority
from support.topology import HARNESS_RULE

SERVERS = ["mysql-9.7", "mariadb-10.11"]
DENIED, TOO_MANY, BLOCKED = 1045, 1040, 1129
MOST, MOST_BEFORE_LOGIN = 5, 3


class Site:
    def __init__(self, topology, name, **settings):
        self.authority = Authority(process.temp_folder("connect"))
        certificate, key = self.authority.issue("relay", "relay", "127.0.0.1")
        self.top = topology(name, name, HARNESS_RULE, with_relay=False, settings={
            "replicas.tls": "required", "replicas.tls_cert": str(certificate), "replicas.tls_key": str(key), **settings})
        self.relay = self.top.make_relay(start=False)
        with open(self.relay.config, "a", encoding="utf-8") as config:
            for user, addresses in (("near", ["127.0.0.5", "127.0.1.0/24"]), ("guessed", ["127.0.0.0/8"])):
                config.write(f'[[replicas.accounts]]\nuser = "{user}"\npassword_file = "replica.password"\nfrom = {addresses}\n'.replace("'", '"'))
        self.relay.start()
        self.top.source.execute("CREATE DATABASE harness_made")
        process.wait_until(lambda: self.outcome() == "let in", 30, lambda: f"the relay lets a replica in, now {self.outcome()}")

    def connect(self, user=relays.REPLICA_USER, password=relays.REPLICA_PASSWORD, address=None):
        return pymysql.connect(host="127.0.0.1", port=self.relay.port, user=user, password=password, bind_address=address, autocommit=None,
                               ssl_ca=str(self.authority.certificate), ssl_verify_cert=True, ssl_verify_identity=True, connect_timeout=20)

    def outcome(self, *arguments):
        try:
            self.connect(*arguments).close()
            return "let in"
        except pymysql.err.MySQLError as error:
            return error.args[0]

    def greeted(self):
        """A connection that goes no further than the greeting; none where an error comes for that."""
        client = socket.create_connection(("127.0.0.1", self.relay.port), timeout=10)
        if client.recv(5)[4:] == b"\x0a":
            return client
        client.close()
        return None

    def program(self, name, *arguments, password=relays.REPLICA_PASSWORD):
        """(exit code, what it printed) of a server's own command line client."""
        # MariaDB's asks for TLS and verifies where it is given an authority, MySQL's where it is told to.
        tls = ["--ssl-verify-server-cert"] if name.startswith("mariadb") else ["--ssl-mode=VERIFY_IDENTITY"]
        done = subprocess.run([flavours.flavour(name).folder / "bin/mysql", "--protocol=tcp", "--host=127.0.0.1",
                               f"--port={self.relay.port}", f"--ssl-ca={self.authority.certificate}", *tls, f"--password={password}",
                               "--connect-timeout=20", *arguments],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=process.patient(60), check=False)
        return done.returncode, done.stdout.decode(errors="replace")


@pytest.mark.parametrize("name", SERVERS)
def test_an_account_is_for_its_addresses(topology, name):
    site = Site(topology, name)
    for address, expected in (("127.0.0.5", "let in"), ("127.0.1.77", "let in"), ("127.0.0.6", DENIED), ("127.0.2.1", DENIED)):
        assert site.outcome("near", relays.REPLICA_PASSWORD, address) == expected, address
    assert "'near' may log in from" in site.relay.log_text()


@pytest.mark.parametrize("name", SERVERS)
def test_who_guesses_waits_longer_each_time(topology, figure, name):
    """And nobody else does: neither another user from there, nor the same one from elsewhere."""
    site = Site(topology, name)
    there, right = "127.0.0.9", relays.REPLICA_PASSWORD

    def wait_over(password):
        """Tries until it is not turned away unread; returns when the last try began, and what came of it."""
        def read():
            begin, outcome = time.monotonic(), site.outcome("guessed", password, there)
            return None if outcome == BLOCKED else (begin, outcome)

        return process.wait_until(read, 30, "the waiting is over", interval=0.1)

    for _ in range(3):
        assert site.outcome("guessed", "wrong", there) == DENIED
    wait_over("wrong")
    begin, outcome = wait_over("wrong")
    # Now for 4 s, which is time enough for these.
    assert outcome == DENIED and site.outcome("guessed", right, there) == BLOCKED
    assert site.outcome("guessed", right, "127.0.0.10") == "let in"
    assert site.outcome(relays.REPLICA_USER, right, there) == "let in"
    assert wait_over(right)[1] == "let in"
    last = time.monotonic() - begin
    figure("third wait", f"{last:.1f} s")
    assert last >= 4
    log = site.relay.log_text()
    assert [log.count(f"turned away for {seconds} s") for seconds in (1, 2, 4, 8)] == [1, 1, 1, 0], log[-2000:]
    # Who has been let in is as good as new.
    assert site.outcome("guessed", "wrong", there) == DENIED
    assert site.outcome("guessed", right, there) == "let in"


@pytest.mark.parametrize("name", SERVERS)
def test_connections_are_limited_before_and_after_the_log_in(topology, figure, name):
    site = Site(topology, name, **{"replicas.maximum_connections": MOST, "replicas.maximum_logins": MOST_BEFORE_LOGIN})
    inside = [site.connect()]
    outside = [site.greeted() for _ in range(MOST_BEFORE_LOGIN)]
    assert None not in outside
    assert site.outcome() == TOO_MANY  # though more are allowed in all
    outside.pop().close()
    process.wait_until(lambda: site.outcome() == "let in", 10, "who leaves makes room")
    for each in outside:
        each.close()

    def filled():
        while len(inside) < MOST:
            try:
                inside.append(site.connect())
            except pymysql.err.MySQLError as error:
                assert error.args[0] == TOO_MANY
                return False
        return True

    process.wait_until(filled, 20, lambda: f"{MOST} connections, now {len(inside)}")
    assert site.outcome() == TOO_MANY
    for each in inside:
        each.ping(reconnect=False)
    inside.pop().close()
    process.wait_until(lambda: site.outcome() == "let in", 10, "who leaves makes room")
    # Who does not log in is put out: no limit stays used up.
    assert len(inside) == MOST - 1
    silent = process.wait_until(site.greeted, 10, "a place for one that stays silent")
    assert site.outcome() == TOO_MANY
    start = time.monotonic()
    process.wait_until(lambda: site.outcome() == "let in", 30, "the silent one is gone")
    figure("silence ended after", f"{time.monotonic() - start:.1f} s")
    for each in inside:
        each.ping(reconnect=False)  # it is the silent one that is gone
    for each in [silent, *inside]:
        each.close()


@pytest.mark.parametrize("name", [*SERVERS, "mariadb-11.8"])
def test_a_command_line_client_gets_what_a_replica_needs(topology, name):
    site = Site(topology, name)

    def asked(statement):
        return site.program(name, f"--user={relays.REPLICA_USER}", "--batch", "-e", statement)

    code, text = asked("SELECT @@server_id; SHOW BINARY LOGS")
    assert code == 0 and "@@server_id" in text and "spool.000001" in text, text
    for statement in ("SELECT user FROM mysql.user", "SHOW DATABASES", "CREATE TABLE x.y (z INT)", "SET GLOBAL read_only=1", "USE mysql",
                      "SELECT LOAD_FILE('/etc/passwd')", "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE x.y", "SHUTDOWN"):
        code, text = asked(statement)
        assert code != 0 and "ERROR" in text, f"{statement}: {text}"
    assert asked("SELECT @@server_id")[0] == 0
    # A wrong password, an address that is not the account's, a user that is not there.
    refused = []
    for user, password in ((relays.REPLICA_USER, "wrong"), ("near", relays.REPLICA_PASSWORD), ("nobody", "wrong")):
        code, text = site.program(name, f"--user={user}", "-e", "SELECT @@server_id", password=password)
        refused.append((code, text.replace(user, "U")))
    assert set(refused) == {refused[0]} and "Access denied for user 'U'@'127.0.0.1' (using password: YES)" in refused[0][1], refused
