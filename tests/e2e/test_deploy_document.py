"""What docs/deploy.md has the reader type is taken from there and tried: statements and settings at each server version, sshd's lines, the
firewall, the systemd unit."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from support import compare, flavours, process, relay as relays
from support.certificates import Authority
from support.network import Network
from support.replication import Replica
from support.servers import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/deploy.md").read_text()
RULES = '[defaults]\ntable = "deny"\ncolumn = "drop"\n[[table]]\nname = "sakila.*"\noptional = true\ncolumn_default = "keep"\n'
PASSWORD = "8d1f60b7c4e2a935"


def blocks(language):
    return re.findall(f"```{language}\n(.*?)```", PAGE, re.DOTALL)


def block_for(kind, language, word):
    """The one that is headed by the name of that server's flavour and has that word in it, without its heading."""
    heading = {"sql": "-- ", "ini": "# "}[language] + ("MariaDB" if kind.mariadb else "MySQL 5.6" if kind.old else "MySQL 9.7") + "\n"
    return next(block for block in blocks(language) if block.startswith(heading) and word in block).removeprefix(heading)


def statements(text):
    return [statement.strip() for statement in text.split(";") if statement.strip()]


@pytest.fixture
def folder():
    made = process.temp_folder("deploy")
    yield made
    process.remove_folder(made)


@pytest.mark.parametrize("name", flavours.ALL)
def test_a_replica_follows_by_the_statements_and_settings_of_the_page(name, need, folder):
    need(name)
    kind = flavours.flavour(name)
    authority = Authority(folder)
    certificate, key = authority.issue("server", "127.0.0.1")
    tls = [] if kind.old else [f"--ssl-ca={authority.certificate}", f"--ssl-cert={certificate}", f"--ssl-key={key}"]
    replica_settings = [f"--{line.replace(' = ', '=')}" for line in block_for(kind, "ini", "server_id").splitlines()]
    with contextlib.ExitStack() as stack:
        source = Server(name, server_id=1, extra=tls)
        stack.callback(source.destroy)
        replica = Replica(name, gtid=False, server_id=9, extra=replica_settings + tls)
        stack.callback(replica.destroy)
        source.execute("CREATE DATABASE sakila", "CREATE TABLE sakila.film (id INT PRIMARY KEY)",
                       *statements(block_for(kind, "sql", "REPLICATION SLAVE").replace("10.0.0.5", "127.0.0.1").replace("'...'", f"'{PASSWORD}'")))
        source_tls = {"source.tls": "off"} if kind.old else {"source.tls": "verify_identity", "source.tls_ca": str(authority.certificate)}
        relay = relays.Relay(source, RULES, settings={"source.user": "binlog_relay", **source_tls}, start=False)
        stack.callback(relay.destroy)
        relay.write_secret("source.password", PASSWORD)
        code, printed = relay.check()
        assert code == 0 and "GRANT" not in printed, printed
        relay.start()
        follow = block_for(kind, "sql", "_PORT=3307").replace("'...'", f"'{relays.REPLICA_PASSWORD}'")
        replica.execute(*statements(follow.replace("_PORT=3307", f"_PORT={relay.port}")))
        source.execute("INSERT INTO sakila.film VALUES (4711)")
        process.wait_until(lambda: "sakila.film" in compare.tables(replica) and replica.query("SELECT id FROM sakila.film"), 60,
                           lambda: f"the row is there: {replica.replica_status()}\n{process.tail(relay.log)}")
        replica.assert_no_error()
        assert replica.value("SELECT @@server_id") == 2 and replica.value("SELECT @@read_only") == 1
        relay.stop()
        relay.assert_no_crash()


def test_sshd_takes_the_lines_for_the_account_of_the_tunnel(folder):
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    config = folder / "sshd_config"
    config.write_text(f"HostKey {folder}/key\nUsePAM no\n" + blocks("sshconfig")[0])
    if os.getuid() == 0:
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)  # sshd(8), FILES

    def said(user):
        done = subprocess.run([sshd, "-T", "-f", config, "-C", f"user={user},host=relay,addr=192.0.2.1"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, done.stdout.decode()
        return set(done.stdout.decode().splitlines())

    lines = {"authenticationmethods publickey", "permittty no", "x11forwarding no", "allowagentforwarding no", "gatewayports no",
             "maxsessions 0", "clientaliveinterval 15", "clientalivecountmax 3"}
    assert lines <= said("tunnel") and "maxsessions 0" not in said("root")


def test_systemd_takes_the_unit(folder):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = folder / "binlog-relay.service"
    text = (ROOT / "packaging/binlog-relay.service").read_text()
    assert text.count("/usr/bin/binlog-relay ") == 1
    unit.write_text(text.replace("/usr/bin/binlog-relay ", f"{relays.binary()} "))
    done = subprocess.run(["systemd-analyze", "verify", unit], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    printed = done.stdout.decode()
    assert done.returncode == 0, printed
    # What it does not know it says, and exits 0; it also has a look at the units of this machine, which are none of ours.
    assert not [line for line in printed.splitlines() if unit.name in line], printed


def no_firewall(folder):
    """Why no machine with that page's firewall can be played here; empty where it can: by making one."""
    if os.getuid() != 0:
        return "network namespaces take root"
    for program in ("ip", "nft"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None:
            return f"{program} is not installed"
    attempt = "ip link add eth1 type veth peer name eth2 && nft -f \"$1\""
    tried = subprocess.run(["unshare", "--net", "sh", "-c", attempt, "sh", folder / "nftables.conf"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return tried.stderr.decode().strip() if tried.returncode else ""


def cable(one, other, name, network):
    """Interfaces of that name in both networks, with addresses .1 and .2."""
    one.command("ip", "link", "add", name, "type", "veth", "peer", "name", name, "netns", str(other.pid))
    for end, number in ((one, 1), (other, 2)):
        end.command("ip", "address", "add", f"{network}.{number}/24", "dev", name)
        end.command("ip", "link", "set", name, "up")


def listen(network, *ports):
    for port in ports:
        child = process.spawn(["/usr/bin/python3", "-u", "-m", "http.server", str(port)], network, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert b"Serving" in child.stdout.readline()
        yield child


def reaches(network, address, port):
    connect = f"exec 3<>/dev/tcp/{address}/{port}"
    return subprocess.run([*network.prefix, "timeout", str(process.patient(2)), "bash", "-c", connect],
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def test_the_firewall_shows_the_cloud_no_address_of_norway(folder):
    (folder / "nftables.conf").write_text(blocks("nft")[0])
    reason = no_firewall(folder)
    if reason:
        pytest.skip(reason)
    with contextlib.ExitStack() as stack:
        norway, relay, cloud = (Network() for _ in range(3))
        for network in (norway, relay, cloud):
            stack.callback(network.destroy)
        cable(norway, relay, "eth0", "10.0.0")
        cable(cloud, relay, "eth1", "192.0.2")
        cloud.command("ip", "route", "add", "10.0.0.0/24", "via", "192.0.2.2")
        for child in (*listen(relay, 3306, 3307, 9144), *listen(cloud, 22)):
            stack.callback(process.kill, child)
        ways = [(address, port) for address in ("10.0.0.2", "192.0.2.2") for port in (3306, 3307, 9144)]
        assert all(reaches(cloud, *way) for way in ways), "Linux answers for each address on each interface"
        relay.command("nft", "-f", folder / "nftables.conf")
        assert [way for way in ways if reaches(cloud, *way)] == [("192.0.2.2", 3307)], "of TLS alone"
        assert all(reaches(norway, "10.0.0.2", port) for port in (3306, 3307, 9144)) and reaches(relay, "192.0.2.1", 22)
