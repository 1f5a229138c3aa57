"""Whom the relay takes for its source: `check` and the stream verify as configured, and say what is wrong."""
import pytest

from support import process, relay as relays
from support.certificates import Authority
from support.topology import HARNESS_RULE

SERVERS = ["mysql-9.7", "mariadb-10.11", "mariadb-11.8"]


class Site:
    """A source whose certificate has these names."""

    def __init__(self, topology, name, *names):
        self.folder = process.temp_folder("source-tls")
        self.authority, self.stranger = Authority(self.folder), Authority(self.folder, "stranger")
        certificate, key = self.authority.issue("source", "source", *names)
        self.top = topology(name, name, HARNESS_RULE, with_relay=False, source_options={
            "extra": (f"--ssl-ca={self.authority.certificate}", f"--ssl-cert={certificate}", f"--ssl-key={key}")})

    def relay(self, tls, authority, start=False):
        self.top.settings = {"source.tls": tls, "source.tls_ca": str(authority.certificate) if authority else None}
        if self.top.relay is not None:
            self.top.relay.stop()
            self.top.relay.destroy()
        return self.top.make_relay(start=start)


def sessions(source):
    """Of the relay's account."""
    return source.value(f"SELECT COUNT(*) FROM information_schema.processlist WHERE user='{relays.SOURCE_USER}'")


@pytest.mark.parametrize("name", SERVERS)
def test_the_right_source_is_taken(topology, name):
    site = Site(topology, name, "127.0.0.1")
    # The account may log in encrypted only: no way back to clear text goes unseen.
    site.top.source.execute(f"ALTER USER '{relays.SOURCE_USER}'@'%' REQUIRE SSL")
    for tls in ("verify_ca", "verify_identity"):
        relay = site.relay(tls, site.authority)
        code, text = relay.check()
        assert code == 0, text
        relay.start()
        site.top.replica.forget_source()
        site.top.follow()
        site.top.wait_caught_up()
        assert sessions(site.top.source) > 0
        site.top.assert_gtids_equal()
    code, text = site.relay("off", None).check()
    assert code != 0 and "source" in text, text  # REQUIRE SSL is asked for indeed


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("tls, names, known, wrong", [
    ("verify_ca", ["127.0.0.1"], False, "of no authority that the relay knows"),
    ("verify_identity", ["127.0.0.1"], False, "of no authority that the relay knows"),
    ("verify_identity", ["other.example"], True, "for another name")])
def test_another_is_not(topology, name, tls, names, known, wrong):
    site = Site(topology, name, *names)
    relay = site.relay(tls, site.authority if known else site.stranger)
    code, text = relay.check()
    assert code not in (0, 2) and wrong in text and relays.SOURCE_PASSWORD not in text, f"{code} {text}"
    relay.start(wait=False)
    process.wait_until(lambda: wrong in relay.log_text(), 30, lambda: f"the log says it:\n{process.tail(relay.log)}")
    assert sessions(site.top.source) == 0
