"""Clients that do not do what a client does: each is refused, within the time limit, with the right error, and the relay goes on."""
import concurrent.futures
import pathlib
import re
import socket
import ssl
import subprocess
import time
import warnings

import pytest

from support import process
from support.certificates import Authority
from support.raw_client import COMPRESS, NATIVE, PROTOCOL_41, SHA2, USUAL, Gone, RawClient, Refused, context, native_proof, sha2_proof
from support.topology import HARNESS_RULE

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-11.8"]
PASSWORD = "replica-pass-1"
LIMIT = 10  # seconds that a log-in may take (relay/server/server_settings.h)
GONE, NO_TLS, BAD_HANDSHAKE, DENIED, BLOCKED = "gone", 3159, 1043, 1045, 1129


warnings.filterwarnings("ignore", message="ssl.TLSVersion.TLSv1_1 is deprecated")  # which is what is tried


class Site:
    """A relay with certificates, of which some are as they should be."""

    def __init__(self, topology, name):
        self.folder = process.temp_folder("handshakes")
        self.authority, stranger = Authority(self.folder), Authority(self.folder, "stranger")
        self.server = server = self.authority.issue("server", "relay.example", "relay.example", days=90)
        self.good = self.authority.issue("good", "replica", "replica.example")
        self.named = self.authority.issue("named", "certain", "certain.example")
        self.expired = self.authority.issue("expired", "replica", days=-1)
        self.revoked = self.authority.issue("revoked", "replica")
        self.authority.revoke(self.revoked[0])
        self.unsigned = self.authority.self_signed("unsigned", "replica")
        self.foreign = stranger.issue("foreign", "replica")
        self.top = topology(name, name, HARNESS_RULE, gtid=name != "mysql-5.6", with_relay=False, settings={
            "replicas.tls": "mutual", "replicas.tls_cert": str(server[0]), "replicas.tls_key": str(server[1]),
            "replicas.tls_ca": str(self.authority.certificate), "replicas.tls_crl": str(self.authority.revoked)})
        self.relay = self.top.make_relay(start=False)
        with open(self.relay.config, "a", encoding="utf-8") as config:
            for user, more in (("certain", 'tls_subject = "CN=certain"\ntls_name = "certain.example"'), ("far", 'from = ["192.0.2.0/24"]'),
                               ("guessed", ""), ("tried", ""), *((f"known{number}", "") for number in range(4))):
                config.write(f'[[replicas.accounts]]\nuser = "{user}"\npassword_file = "replica.password"\n{more}\n')
        self.relay.start()
        self.top.source.execute("CREATE DATABASE harness_made")
        process.wait_until(lambda: self.log_in("cloud_replica") or True, 30, lambda: "the relay lets a replica in")

    def client(self):
        return RawClient(self.relay.port)

    def secure(self, shown=None, **options):
        client = self.client()
        client.go_secure(context(shown or self.good, **options))
        return client

    def log_in(self, user, password=PASSWORD, shown=None, plugin=None):
        client = self.secure(shown)
        answer = client.log_in(user, password, plugin)
        client.close()
        return answer


def drained(client):
    """What the server does at last: its error, or that it ends the connection."""
    while True:
        answer = client.read()
        if answer == b"\x01\x04" or answer[:1] == b"\xfe":
            client.send(b"wrong\0")


def opened(site, data):
    client = site.client()
    client.raw(data)
    drained(client)


def inside(site, payload, sequence=None):
    client = site.secure()
    client.send(payload, sequence)
    drained(client)


def silent(site):
    drained(site.client())


def slow(site):
    client = site.client()
    packet = client.response("cloud_replica", b"x" * 20)
    for byte in len(packet).to_bytes(3, "little") + b"\x01" + packet:
        client.raw(bytes([byte]))
        time.sleep(0.5)
    drained(client)


def slow_inside(site):
    client = site.secure()
    for _ in range(60):
        client.raw(b"\xf0")
        time.sleep(0.5)
    drained(client)


def half(site):
    client = site.client()
    client.raw(b"\x40\x00")
    client.socket.shutdown(socket.SHUT_WR)
    drained(client)


def plain(site):
    site.client().log_in("cloud_replica", PASSWORD)


def garbage_for_tls(site):
    client = site.client()
    client.send(b"\x00\x0a\x08\x00" + b"\0" * 28)
    client.raw(b"\x16\x03\x01\x7f\xff" + b"A" * 500)
    drained(client)


def silent_for_tls(site):
    client = site.client()
    client.send(b"\x00\x0a\x08\x00" + b"\0" * 28)
    drained(client)


def shown(name):
    def attempt(site):
        client = site.client()
        client.go_secure(context(getattr(site, name) if name else None))
        client.log_in("cloud_replica", PASSWORD)
    return attempt


def with_tls(**options):
    return lambda site: site.secure(**options).log_in("cloud_replica", PASSWORD)


def other_plugin(site):
    client = site.secure()
    client.send(client.response("known0", b"", "dialog"))
    answer = client.read()
    assert answer[:1] == b"\xfe", answer
    client.send(b"dialog answers")
    drained(client)


def replayed(site):
    """A proof that was good for another scramble."""
    client = site.secure()
    proof = (native_proof if client.plugin == NATIVE else sha2_proof)(PASSWORD, client.scramble)
    other = site.secure()
    assert other.scramble != client.scramble
    other.send(other.response("known1", proof))
    if other.plugin == SHA2:
        assert other.read() == b"\x01\x04"  # not taken: the password is asked for, which whoever overheard a proof does not have
        other.send(proof + b"\0")
    drained(other)


def compressed(site):
    client = site.secure()
    client.send(client.response("cloud_replica", b"x" * 20, capabilities=USUAL | COMPRESS))
    drained(client)


# What is done, and how it has to end.
ATTEMPTS = {
    "says nothing": (silent, GONE),
    "a byte in half a second": (slow, GONE),
    "a byte in half a second inside TLS": (slow_inside, GONE),
    "half of a packet's head": (half, GONE),
    "a packet of 16 MiB": (lambda site: opened(site, b"\xff\xff\xff\x01"), GONE),
    "an empty packet": (lambda site: opened(site, b"\0\0\0\x01"), BAD_HANDSHAKE),
    "HTTP": (lambda site: opened(site, b"GET / HTTP/1.1\r\nHost: relay\r\n\r\n" + b"x" * 5000000), GONE),
    "the protocol before 4.1": (lambda site: opened(site, b"\x0a\0\0\x01\x05\0\0\0\x01root\0"), BAD_HANDSHAKE),
    "a response that is cut off": (lambda site: inside(site, b"\x01\x82\x08\0\0\0\0\x01"), BAD_HANDSHAKE),
    "a user without an end": (lambda site: inside(site, b"\x01\x82\x08\0\0\0\0\x01\x2d" + b"\0" * 23 + b"u" * 40), BAD_HANDSHAKE),
    "a user of 60,000 letters": (lambda site: inside(site, b"\x01\x82\x08\0\0\0\0\x01\x2d" + b"\0" * 23 + b"u" * 60000 + b"\0\0\0"), BAD_HANDSHAKE),
    "a proof longer than its packet": (lambda site: inside(site, b"\x01\x82\x08\0\0\0\0\x01\x2d" + b"\0" * 23 + b"u\0\xc8short"), BAD_HANDSHAKE),
    "a query for a log-in": (lambda site: inside(site, b"\x03SELECT 1"), BAD_HANDSHAKE),
    "a dump for a log-in": (lambda site: inside(site, b"\x12\x04\0\0\0\0\0\x07\0\0\0"), BAD_HANDSHAKE),
    "compression that is not offered": (compressed, DENIED),
    "plain text": (plain, NO_TLS),
    "bytes that are no TLS": (garbage_for_tls, GONE),
    "nothing for TLS": (silent_for_tls, GONE),
    "TLS 1.1": (with_tls(highest=ssl.TLSVersion.TLSv1_1, ciphers="DEFAULT@SECLEVEL=0"), GONE),
    "TLS 1.2 without forward secrecy": (with_tls(highest=ssl.TLSVersion.TLSv1_2, ciphers="AES128-SHA:AES256-GCM-SHA384@SECLEVEL=0"), GONE),
    "no certificate": (shown(None), GONE),
    "an expired certificate": (shown("expired"), GONE),
    "a revoked certificate": (shown("revoked"), GONE),
    "a certificate signed by itself": (shown("unsigned"), GONE),
    "a certificate of another authority": (shown("foreign"), GONE),
    "another account's certificate": (lambda site: site.log_in("certain"), DENIED),
    "an address that the account is not for": (lambda site: site.log_in("far"), DENIED),
    "a wrong password": (lambda site: site.log_in("known2", "wrong"), DENIED),
    "no password": (lambda site: inside(site, b"\x01\x82\x08\0\0\0\0\x01\x2d" + b"\0" * 23 + b"known3\0\0"), DENIED),
    "a user that is not there": (lambda site: site.log_in("nobody"), DENIED),
    "a plugin that is not there": (other_plugin, DENIED),
    "a proof of another scramble": (replayed, DENIED),
}


def outcome(site, attempt):
    start = time.monotonic()
    try:
        attempt(site)
        return "let in", time.monotonic() - start
    except Gone:
        return GONE, time.monotonic() - start
    except Refused as error:
        assert "wrong" not in error.text and PASSWORD not in error.text
        return error.code, time.monotonic() - start


@pytest.mark.parametrize("name", SERVERS)
def test_wrong_handshakes_are_refused_in_time(topology, figure, name):
    site = Site(topology, name)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        running = {what: pool.submit(outcome, site, attempt) for what, (attempt, _) in ATTEMPTS.items()}
    wrong = [(what, *running[what].result()) for what, (_, expected) in ATTEMPTS.items() if running[what].result()[0] != expected]
    assert not wrong, f"{wrong}\n{site.relay.log_text()[-3000:]}"
    late = [(what, *each.result()) for what, each in running.items() if each.result()[1] > process.patient(LIMIT + 5)]
    assert not late
    figure("attempts", len(ATTEMPTS))
    assert site.log_in("cloud_replica") and site.log_in("certain", shown=site.named)
    assert site.relay.http("/health")[0] == 200


@pytest.mark.parametrize("name", SERVERS)
def test_nobody_learns_which_users_there_are(topology, figure, name):
    """By answers, steps or time; and guessing ends in waiting."""
    site = Site(topology, name)
    times = {"known": [], "nobody": []}
    answers = set()
    for number in range(4):
        for kind in times:
            user, start = f"{kind}{number}", time.monotonic()
            with pytest.raises(Refused) as refused:
                site.log_in(user, "wrong", plugin=(NATIVE, SHA2)[number % 2])
            times[kind].append(time.monotonic() - start)
            answers.add((refused.value.code, refused.value.text.replace(user, "U")))
    assert len(answers) == 1, answers
    difference = abs(min(times["known"]) - min(times["nobody"]))
    figure("difference", f"{1000 * difference:.1f} ms")
    assert difference < 0.1 * process.patient(1)
    # Who leaves after a wrong proof has guessed, too: caching_sha2_password tells it before the password is asked for.
    for _ in range(3):
        client = site.secure()
        client.send(client.response("tried", sha2_proof("wrong", client.scramble), SHA2))
        answer = client.read()
        if answer[:1] == b"\xfe":
            client.send(sha2_proof("wrong", answer[1:].split(b"\0", 1)[1][:20]))
            answer = client.read()
        assert answer == b"\x01\x04"
        client.close()
    with pytest.raises(Refused) as refused:
        site.log_in("tried")
    assert refused.value.code == BLOCKED
    for _ in range(3):
        with pytest.raises(Refused) as refused:
            site.log_in("guessed", "wrong")
        assert refused.value.code == DENIED
    with pytest.raises(Refused) as refused:
        site.log_in("guessed")
    assert refused.value.code == BLOCKED
    assert site.log_in("cloud_replica")
    process.wait_until(lambda: outcome(site, lambda there: there.log_in("guessed"))[0] == "let in", 20, lambda: "the waiting is over")


def printed(command):
    """What a program says whose input ends after a second: tickets come behind the handshake."""
    child = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(1)
    output, _ = child.communicate(timeout=30)
    return output.decode(errors="replace")


@pytest.mark.parametrize("name", SERVERS)
def test_certificates_are_read_again_and_sessions_resumed(topology, name):
    site = Site(topology, name)
    before = site.secure()
    before.log_in("cloud_replica", PASSWORD)
    assert outcome(site, shown("named"))[0] == "let in"
    site.authority.revoke(site.named[0])
    site.relay.child.send_signal(1)
    process.wait_until(lambda: outcome(site, shown("named"))[0] == GONE, 20, lambda: "the new list of revoked certificates counts")
    before.send(b"\x0e", 0)  # COM_PING
    assert before.read()[:1] == b"\0"

    saved = site.folder / "session"
    client = ["openssl", "s_client", "-connect", f"127.0.0.1:{site.relay.port}", "-starttls", "mysql", "-cert", site.good[0], "-key", site.good[1]]
    first, second = printed([*client, "-sess_out", saved]), printed([*client, "-sess_in", saved])
    assert "New, TLSv1.3" in first and "Reused, TLSv1.3" in second, second[-500:]


def test_check_tells_of_certificates(topology):
    """For how long they are good, and what is wrong with them."""
    site = Site(topology, "mariadb-10.11")
    code, text = site.relay.check()
    assert code == 0 and re.search("replicas.tls_cert: CN=relay.example, names relay.example, (89|90) days left", text), text
    assert re.search("the list of revoked certificates ends in (19|20) days", text), text
    for made, wrong in ((site.authority.issue("soon", "relay.example", days=3), "CN=relay.example ends in "),
                        (site.expired, "CN=replica has ended"), (site.good, "that fits the certificate")):
        pathlib.Path(site.server[0]).write_bytes(made[0].read_bytes())
        if made is not site.good:
            pathlib.Path(site.server[1]).write_bytes(made[1].read_bytes())
        code, text = site.relay.check()
        assert wrong in text and code == (0 if "ends in" in wrong else 3), f"{code} {text}"


@pytest.mark.parametrize("line, wrong", [('from = ["192.0.2.7/24"]', "no address and no range of addresses"), ("from = []", "lets nobody in"),
                                         ('tls_subject = "/CN=replica"', "not written as RFC 2253"), ('tls_name = "a"', "replicas show none")])
def test_accounts_that_let_nobody_in_are_mistakes(topology, line, wrong):
    top = topology("mariadb-10.11", "mariadb-10.11", HARNESS_RULE, with_relay=False)
    relay = top.make_relay(start=False)
    with open(relay.config, "a", encoding="utf-8") as config:
        config.write(f'[[replicas.accounts]]\nuser = "other"\npassword_file = "replica.password"\n{line}\n')
    code, text = relay.check()
    assert code == 2 and wrong in text and "replicas.accounts[2]" in text, text
