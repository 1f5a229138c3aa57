"""Stock replicas that follow through TLS, and what each says when it must not."""
import dataclasses
import itertools
import select
import shutil
import signal
import socket
import ssl
import threading

import pytest

from support import compare, process, relay as relays, topology as topologies
from support.certificates import Authority

RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "ops.t"
optional = true
[table.columns]
id = "keep"
body = "keep"
""" + topologies.HARNESS_RULE

# MariaDB 11.8 verifies nothing of who is at 127.0.0.1; at another address of this machine it does as abroad (PROTOCOL.md A1).
HERE, OTHER_NAME = "127.0.0.2", "127.0.0.3"
NO_TLS, DENIED, NO_TRUST, LOST = 3159, 1045, 2026, 2013

PAIRS = [("mysql-9.7", "mysql-9.7"), ("mysql-5.6", "mysql-9.7"), ("mariadb-10.11", "mariadb-10.11"), ("mariadb-10.5", "mariadb-10.5"),
         ("mariadb-10.11", "mariadb-11.8"), ("mariadb-11.8", "mariadb-11.8")]


class Site:
    """A source, a relay that takes replicas at every address of this machine, and a replica that does not follow it yet."""

    def __init__(self, topology, source, replica, *, certificate=None, mutual=False):
        self.folder = process.temp_folder("tls")
        self.authority = Authority(self.folder)
        self.port = process.free_port()
        self.certificate, self.key = (self.folder / name for name in ("relay.pem", "relay.key"))
        self.show(certificate(self.authority) if certificate else self.authority.issue("first", "relay", "relay.example", HERE))
        settings = {"replicas.listen": f"0.0.0.0:{self.port}", "replicas.tls": "required", "replicas.tls_cert": str(self.certificate),
                    "replicas.tls_key": str(self.key)}
        if mutual:
            settings.update({"replicas.tls": "mutual", "replicas.tls_ca": str(self.authority.certificate),
                             "replicas.tls_crl": str(self.authority.revoked)})
        self.top = topology(source, replica, RULES, with_relay=False, settings=settings)
        self.source, self.replica = self.top.source, self.top.replica
        self.source.execute("CREATE DATABASE ops", "CREATE TABLE ops.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), body LONGBLOB)")
        self.relay = self.top.make_relay(start=False)
        if mutual:
            with open(self.relay.config, "a", encoding="utf-8") as config:
                config.write('[[replicas.accounts]]\nuser = "certain"\npassword_file = "replica.password"\n'
                             'tls_subject = "CN=certain"\ntls_name = "certain.example"\n')
        self.relay.start()

    def show(self, pair):
        """Lays certificate and key where the relay reads them."""
        for made, place in zip(pair, (self.certificate, self.key)):
            shutil.copyfile(made, place)

    def read_again(self, expected=None):
        """SIGHUP; waits for what the log then says."""
        before = len(self.relay.log_text())
        self.relay.child.send_signal(signal.SIGHUP)
        process.wait_until(lambda: (expected or "SIGHUP: the rules are read") in self.relay.log_text()[before:], 20,
                           lambda: f"{expected} in the log:\n{process.tail(self.relay.log)}")

    def connect(self, tls, host=HERE, user=relays.REPLICA_USER, port=None):
        """The replica's connection with these settings, and with its defaults for all others."""
        self.replica.forget_source()
        self.replica.follow(host, port or self.port, user, relays.REPLICA_PASSWORD, tls=tls)

    def write(self, rows=20):
        for _ in range(rows):
            self.source.execute(f"INSERT INTO ops.t (secret, body) VALUES ('{self.top.canaries.text()}', REPEAT('b', 2000))")

    def assert_follows(self):
        self.write()
        self.top.wait_caught_up(60, connecting=True)
        compare.assert_same_rows(self.source, self.replica, "ops.t", ["id", "body"])

    def assert_refused(self, *numbers, said="", logged=None, before=0):
        text = self.replica.wait_refused(*numbers)
        assert said in text, text
        if logged:
            process.wait_until(lambda: logged in self.relay.log_text()[before:], 10, lambda: f"{logged} in the log:\n{process.tail(self.relay.log)}")

    def session(self):
        """Address and port of the one connection that reads the stream."""
        addresses = [each["address"] for each in self.relay.status()["replicas"] if each["connected"]]
        assert len(addresses) == 1, addresses
        return addresses[0]

    def assert_outcome(self):
        self.assert_follows()
        self.top.assert_gtids_equal()
        self.top.assert_no_leak()
        self.relay.assert_healthy()
        assert "b" * 100 not in self.relay.log_text() and relays.REPLICA_PASSWORD not in self.relay.log_text()


def verifying(authority, **more):
    """Both servers' words for: only who has a certificate of this authority, for the name that was dialled."""
    return {"SSL": 1, "SSL_CA": authority.certificate, "SSL_VERIFY_SERVER_CERT": 1, **more}


@pytest.mark.parametrize("source, replica", PAIRS)
def test_a_replica_follows_as_it_comes_and_verifying(topology, source, replica):
    site = Site(topology, source, replica)
    stranger = Authority(site.folder, "stranger")
    if replica in ("mysql-9.7", "mariadb-11.8"):
        site.connect({})  # these demand TLS where nothing is said about it
        site.assert_follows()
    else:
        site.connect({})
        site.assert_refused(NO_TLS, logged="replicas.tls asks for TLS, and it uses none")
    site.connect({"SSL": 1})
    site.assert_follows()
    site.connect(verifying(site.authority), host=OTHER_NAME)
    site.assert_refused(NO_TRUST)
    site.connect(verifying(stranger))
    site.assert_refused(NO_TRUST)
    site.connect(verifying(site.authority))
    site.assert_outcome()


def test_mysql_56_cannot_and_is_told(topology):
    """The library in its own packages, yaSSL, ends with TLS 1.1. Without a CA it goes on in clear though MASTER_SSL=1."""
    site = Site(topology, "mysql-5.6", "mysql-5.6")
    site.connect({})
    site.assert_refused(NO_TLS, logged="replicas.tls asks for TLS, and it uses none")
    site.connect({"SSL": 1})
    site.assert_refused(NO_TLS)
    before = len(site.relay.log_text())
    site.connect({"SSL": 1, "SSL_CA": site.authority.certificate})
    site.assert_refused(NO_TRUST, logged="TLS handshake", before=before)


@pytest.mark.parametrize("source, replica", [PAIRS[0], PAIRS[2], PAIRS[4]])
def test_a_replica_shows_a_certificate(topology, source, replica):
    """mutual, an account's subject and name; then all files change under a session that goes on."""
    site = Site(topology, source, replica, mutual=True)
    certain = site.authority.issue("certain", "certain", "certain.example")
    other = site.authority.issue("other", "other", "certain.example")
    other_name = site.authority.issue("other_name", "certain", "other.example")

    def tls(shown, authority=site.authority):
        return verifying(authority, SSL_CERT=shown[0], SSL_KEY=shown[1])

    site.connect(verifying(site.authority), user="certain")
    site.assert_refused(NO_TRUST, LOST, logged="TLS handshake")
    for wrong in (other, other_name):
        before = len(site.relay.log_text())
        site.connect(tls(wrong), user="certain")
        site.assert_refused(DENIED, said="certain", logged="its certificate is another", before=before)
    site.connect(tls(certain), user="certain")
    site.assert_follows()
    session = site.session()

    # What cannot be read changes nothing, and is said.
    site.certificate.write_text("no certificate\n")
    site.read_again("the certificates in force stay")
    assert str(site.certificate) in site.relay.log_text()
    site.assert_follows()
    assert site.session() == session
    site.connect(tls(certain), user="certain")
    site.assert_follows()

    # A new certificate: the session stays, the next connection gets it.
    session = site.session()
    renewed = Authority(site.folder, "renewed")
    site.show(renewed.issue("second", "relay", HERE))
    site.read_again()
    site.assert_follows()
    assert site.session() == session
    site.connect(tls(certain), user="certain")
    site.assert_refused(NO_TRUST)  # its CA is the old one
    site.connect(tls(certain, renewed), user="certain")
    site.assert_follows()

    # A certificate that is revoked: the session stays, the next log-in fails.
    session = site.session()
    site.authority.revoke(certain[0])
    site.read_again()
    site.assert_follows()
    assert site.session() == session
    before = len(site.relay.log_text())
    site.replica.stop_replica()
    site.replica.start_replica()
    site.assert_refused(NO_TRUST, LOST, logged="revoked", before=before)
    site.connect(tls(site.authority.issue("again", "certain", "certain.example"), renewed), user="certain")
    site.assert_outcome()


@dataclasses.dataclass
class Impostor:
    """Stands between replica and relay with a certificate of its own; it knows no password, so it passes on what it hears."""
    port: int
    shown: tuple

    def __post_init__(self):
        self.listener = socket.create_server((HERE, 0))
        self.passed = 0
        self.own_port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                victim, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._stand_between, args=(victim,), daemon=True).start()

    def _stand_between(self, victim):
        try:
            server = socket.create_connection((HERE, self.port), timeout=process.patient(30))
            victim.sendall(_packet(server))
            server.sendall(_packet(victim))  # the request for TLS
            towards_victim = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            towards_victim.load_cert_chain(*self.shown)
            towards_server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            towards_server.check_hostname, towards_server.verify_mode = False, ssl.CERT_NONE
            with towards_victim.wrap_socket(victim, server_side=True) as victim, towards_server.wrap_socket(server) as server:
                self._pass_on(victim, server)
        except OSError:  # ssl.SSLError is one
            victim.close()

    def _pass_on(self, victim, server):
        for one, other in itertools.cycle(((victim, server), (server, victim))):
            if not one.pending() and not select.select([one], [], [], 0.01)[0]:
                continue
            data = one.recv(65536)
            if not data:
                return
            other.sendall(data)
            self.passed += len(data)


def _packet(peer):
    head = _exactly(peer, 4)
    return head + _exactly(peer, int.from_bytes(head[:3], "little"))


def _exactly(peer, count):
    data = b""
    while len(data) < count:
        part = peer.recv(count - len(data))
        if not part:
            raise ConnectionError("closed")
        data += part
    return data


@pytest.mark.parametrize("source", ["mariadb-10.11", "mariadb-11.8"])
def test_mariadb_trusts_our_own_certificate_by_the_password(topology, source):
    """No authority is configured anywhere: the digest in the last packet of the log-in tells the relay from who stands between."""
    site = Site(topology, source, "mariadb-11.8", certificate=lambda authority: authority.self_signed("own", "relay"))
    site.connect({})
    site.assert_follows()
    impostor = Impostor(site.port, site.authority.self_signed("impostor", "relay"))
    site.connect({}, port=impostor.own_port)
    site.assert_refused(NO_TRUST, said="self-signed")
    # It fails for the certificate alone: who does not ask whose it is follows through the impostor.
    site.connect({"SSL_VERIFY_SERVER_CERT": 0}, port=impostor.own_port)
    site.assert_follows()
    assert impostor.passed > 20000
    impostor.listener.close()
    site.connect({})
    site.assert_outcome()
