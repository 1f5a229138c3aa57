"""Keys, certificates and passwords changed as docs/deploy.md says under "Changing keys", step by step, with the replica following."""
import json
import pathlib
import re
import secrets
import subprocess

import pytest

from support import process
from support.certificates import Authority

pytestmark = pytest.mark.key_changes
OPEN_PORT = 'restrict,port-forwarding,permitlisten="127.0.0.1:3307",permitopen="127.0.0.1:3307"'


@pytest.fixture
def folder():
    """A folder for keys that are no longer, or not yet, in their place."""
    made = process.temp_folder("keys")
    yield made
    process.remove_folder(made)


def assert_follows(countries):
    """What changes at the source arrives."""
    countries.sql(countries.source, "UPDATE sakila.film SET length=length%200+1 WHERE film_id=1")
    countries.wait_caught_up()
    assert countries.replica_follows(), countries.replica_status()


def status(countries):
    """What the relay says of itself; empty while it starts."""
    code, printed = countries.execute(countries.relay, "binlog-relay", "status", "-c", "/run/binlog-relay/relay.toml", "--json")
    return json.loads(printed) if code == 0 else {}


def restart_relay(countries):
    countries.docker("restart", countries.relay)
    if not countries.tls:
        process.wait_until(lambda: status(countries).get("tunnels", [{}])[0].get("state") == "open", 60,
                           lambda: f"the tunnel is open: {status(countries)}\n{countries.describe()}")


def make_ssh_key(file):
    """(key, public key)"""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file], check=True)
    return file.read_text(), file.with_name(f"{file.name}.pub").read_text().strip()


def lets_in(countries, key):
    """Whether the cloud host's sshd lets in who has that key."""
    tried = subprocess.run(["ssh", "-v", "-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10",
                            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                            f"tunnel@{countries.address('cloud-host', 'border')}", "true"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    printed = tried.stdout.decode(errors="replace")
    assert ("Authenticated to" in printed) != ("Permission denied (publickey)" in printed), printed
    return "Authenticated to" in printed


@pytest.mark.way("ssh")
def test_the_ssh_key_of_the_relay(loaded, folder):
    old = folder / "old"
    old.write_text(loaded.secret("relay", "id_ed25519") + "\n")
    old.chmod(0o600)
    old_line = loaded.secret("cloud-host", "authorized_keys")
    key, public = make_ssh_key(folder / "new")
    assert lets_in(loaded, old) and not lets_in(loaded, folder / "new")
    new_line = f"{OPEN_PORT} {public}"
    loaded.write_secret("cloud-host", "authorized_keys", f"{old_line}\n{new_line}\n")
    loaded.write_secret("relay", "id_ed25519", key)
    loaded.write_secret("relay", "id_ed25519.pub", f"{public}\n")
    restart_relay(loaded)
    loaded.write_secret("cloud-host", "authorized_keys", f"{new_line}\n")
    assert lets_in(loaded, folder / "new") and not lets_in(loaded, old)
    restart_relay(loaded)
    assert_follows(loaded)


@pytest.mark.way("ssh")
def test_the_host_key_of_the_cloud_host(loaded, folder):
    old_line = loaded.secret("relay", "known_hosts")
    key, public = make_ssh_key(folder / "new")
    fingerprint = subprocess.run(["ssh-keygen", "-lf", folder / "new.pub"], check=True, stdout=subprocess.PIPE).stdout.split()[1].decode()
    loaded.write_secret("relay", "known_hosts", f"{old_line}\ncloud-host {public}\n")
    loaded.write_secret("cloud-host", "ssh_host_ed25519_key", key)
    loaded.write_secret("cloud-host", "ssh_host_ed25519_key.pub", f"{public}\n")
    loaded.docker("kill", "cloud-host", "--signal=HUP")  # systemctl reload ssh
    assert_follows(loaded)  # by the session that is open, of the old key
    assert fingerprint not in status(loaded)["tunnels"][0]["host_key"]
    restart_relay(loaded)
    assert fingerprint in status(loaded)["tunnels"][0]["host_key"]
    loaded.write_secret("relay", "known_hosts", f"cloud-host {public}\n")
    restart_relay(loaded)
    assert_follows(loaded)


def issue(countries, folder, name):
    """(certificate, key) of the authority for the host of that name, as text."""
    authority = countries.secrets("authority")
    made = Authority.existing(folder, authority / "ca.pem", authority / "ca.key").issue(name, name, name)
    return [pathlib.Path(file).read_text() for file in made]


def put_in_place(countries, service, certificate, key):
    countries.write_secret(service, "key.pem", key)
    countries.write_secret(service, "cert.pem", certificate)


def shown_certificate(countries, client, address, port):
    """What a server of the MySQL protocol shows to who begins TLS there. client: the service whose address the server lets in."""
    shown = countries.inside(client, "timeout", "60", "openssl", "s_client", "-starttls", "mysql", "-connect", f"{address}:{port}")
    shown = shown.stdout.decode(errors="replace")
    found = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", shown, re.DOTALL)
    assert found, shown
    return found.group()


def sessions(countries):
    """The ends of the connections of replicas."""
    return [replica["address"] for replica in status(countries)["replicas"] if replica["connected"]]


@pytest.mark.way("tls")
def test_the_certificate_of_the_relay(loaded, folder):
    relay = (loaded, loaded.replica, loaded.address(loaded.relay, "border"), 3307)
    certificate, key = issue(loaded, folder, "relay")
    before = shown_certificate(*relay)
    put_in_place(loaded, "relay", certificate, key)
    session = sessions(loaded)
    loaded.docker("kill", loaded.relay, "--signal=HUP")  # systemctl reload binlog-relay
    process.wait_until(lambda: shown_certificate(*relay) == certificate != before, 20, "the relay shows the new certificate")
    assert_follows(loaded)
    assert sessions(loaded) == session, "the replica's session stays open"
    loaded.restart_replica()
    assert_follows(loaded)


@pytest.mark.way("tls")
def test_the_certificate_of_the_replica(loaded, folder):
    stranger = Authority(folder, "stranger").issue("replica-of-a-stranger", "replica", "replica")
    put_in_place(loaded, "replica", *(file.read_text() for file in stranger))
    loaded.restart_replica()
    process.wait_until(lambda: loaded.replica_status().get("Last_IO_Errno") not in (None, "0"), 60, "what is in its place is what is shown")
    put_in_place(loaded, "replica", *issue(loaded, folder, "replica"))
    loaded.restart_replica()
    assert_follows(loaded)


def test_the_certificate_of_the_source(loaded, folder):
    source = (loaded, "haproxy", loaded.address(loaded.source, "norway"), 3306)
    certificate, key = issue(loaded, folder, "source")
    put_in_place(loaded, "source", certificate, key)
    assert shown_certificate(*source) != certificate
    loaded.sql(loaded.source, "FLUSH SSL" if loaded.mariadb else "ALTER INSTANCE RELOAD TLS")
    assert shown_certificate(*source) == certificate
    restart_relay(loaded)
    assert_follows(loaded)


def test_the_password_of_the_replica(loaded):
    account = '[[replicas.accounts]]\nuser = "{}"\npassword_file = "/secrets/relay/{}"\n'
    old_account, new_account = account.format("cloud_replica", "replica.password"), account.format("cloud_replica_2", "replica-2.password")
    new = secrets.token_hex(8)
    loaded.write_secret("relay", "replica-2.password", f"{new}\n", like="replica.password")
    file = f"/etc/binlog-relay/{'tls' if loaded.tls else 'ssh'}.toml"
    text = loaded.execute(loaded.relay, "cat", file)[1]
    assert old_account in text

    def write(accounts):
        assert loaded.execute(loaded.relay, "tee", file, input=text.replace(old_account, accounts).encode())[0] == 0
        restart_relay(loaded)

    write(old_account + new_account)
    assert_follows(loaded)
    loaded.change_account("cloud_replica_2", new)
    assert_follows(loaded)
    write(new_account)
    assert_follows(loaded)
    # The old one is let in no more.
    loaded.change_account("cloud_replica", loaded.secret("relay", "replica.password"))
    process.wait_until(lambda: loaded.replica_status().get("Last_IO_Errno") in ("1045", "1129"), 60, lambda: f"refused: {loaded.replica_status()}")
    loaded.change_account("cloud_replica_2", new)
    assert_follows(loaded)


def test_the_password_of_the_relay_at_the_source(loaded):
    new, host = secrets.token_hex(8), loaded.address(loaded.relay, "norway")
    loaded.sql(loaded.source, f"ALTER USER binlog_relay@'{host}' IDENTIFIED BY '{new}'")
    assert_follows(loaded)  # by the connection that is open
    loaded.write_secret("relay", "source.password", f"{new}\n")
    restart_relay(loaded)
    assert_follows(loaded)
