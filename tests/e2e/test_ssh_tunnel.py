"""A replica that reaches the relay through an SSH tunnel, which the relay dials, to a host that knows of no relay."""
import re

import pytest

from support import compare, process, relay as relays
from support.abroad import RULES
from support.ssh_server import SshServer
from support.writer import Writer


@pytest.fixture
def server():
    made = SshServer()
    yield made
    made.destroy()


def prepare(topology, server, name):
    top = topology(name, name, RULES, with_relay=False)
    top.source.execute("CREATE DATABASE ops", "CREATE TABLE ops.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), body LONGBLOB)")
    relay = top.make_relay(start=False)
    with open(relay.config, "a", encoding="utf-8") as config:
        config.write(server.section())
    return top


def tunnel(top):
    return top.relay.status()["tunnels"][0]


def wait_open(top):
    process.wait_until(lambda: tunnel(top)["state"] == "open", 30,
                       lambda: f"tunnel open: {tunnel(top)}\n{process.tail(top.relay.log)}")


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_replica_follows_through_the_tunnel_and_its_losses(topology, server, figure, name):
    top = prepare(topology, server, name)
    code, printed = top.relay.check()
    assert code == 0 and "logged in, the host's key is ssh-ed25519 SHA256:" in printed, printed
    top.relay.start()
    wait_open(top)
    top.replica.follow("127.0.0.1", server.remote_port, relays.REPLICA_USER, relays.REPLICA_PASSWORD, gtid=True)
    top.source.execute(f"INSERT INTO ops.t (secret, body) VALUES ('{top.canaries.text()}', REPEAT('a', 5000000))")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.t", ["id", "body"])
    assert tunnel(top)["connections"] == 1
    figure("round trip in us", process.wait_until(lambda: tunnel(top).get("round_trip_microseconds"), 10, "a probe came back"))

    code, printed = top.relay.check()
    assert code == 0 and "perhaps the one that has it" in printed, printed
    writer = Writer(top, lambda _: "INSERT INTO ops.t (secret, body) VALUES (%s, REPEAT('b', 20000))", pause=0.005)
    try:
        for losses in (1, 2, 3):
            rows = writer.rows
            process.wait_until(lambda rows=rows: writer.rows > rows + 30, 30, "more rows are written")
            server.kill()
            process.wait_until(lambda losses=losses: tunnel(top)["reconnects"] == losses, 30, lambda: f"loss seen: {tunnel(top)}")
            rows = writer.rows
            process.wait_until(lambda rows=rows: writer.rows > rows + 30, 30, "rows are written while the tunnel is away")
            server.start()
            wait_open(top)
    finally:
        writer.stop()
    figure("rows", writer.rows)
    top.wait_caught_up(120, connecting=True)
    compare.assert_same_rows(top.source, top.replica, "ops.t", ["id", "body"])
    top.assert_gtids_equal()
    metrics = top.relay.http("/metrics")[1]
    label = f'tunnel="{server.user}@127.0.0.1:{server.port}",remote_listen="127.0.0.1:{server.remote_port}"'
    assert f"binlog_relay_tunnel_up{{{label}}} 1\n" in metrics, metrics
    assert f"binlog_relay_tunnel_reconnects_total{{{label}}} 3\n" in metrics, metrics
    sent = float(re.search(rf'binlog_relay_tunnel_bytes_total\{{{re.escape(label)},direction="out"\}} (\S+)', metrics).group(1))
    assert sent > writer.rows * 20000 + 5000000
    code, printed = top.relay.command("status")
    assert code == 0 and f"{server.user}@127.0.0.1:{server.port} open" in printed, printed
    top.assert_no_leak()
    top.relay.stop()
    # Nobody holds the port over there any more.
    process.wait_until(lambda: not _answers(server.remote_port), 10, "the host has let go of the port")


def _answers(port):
    import socket
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_check_says_what_is_wrong_with_a_tunnel(topology, server):
    top = prepare(topology, server, "mariadb-10.11")
    known_hosts = server.folder / "known_hosts"
    pinned = known_hosts.read_text()
    for text, said in ((f"[127.0.0.1]:{server.port} " + (server.folder / "user_key.pub").read_text(), "is not the pinned one"),
                       ("", f"ssh-keyscan -p {server.port} 127.0.0.1"), ("garbage\n", "known_hosts, line 1")):
        known_hosts.write_text(text)
        code, printed = top.relay.check()
        assert code == 1 and said in printed and "relay.toml:" in printed, printed
    known_hosts.write_text(pinned)
    config = server.folder / "sshd_config"
    usual = config.read_text()
    config.write_text(usual + "GatewayPorts yes\n")
    server.kill()
    server.start()
    process.wait_until(lambda: _answers(server.port), 10, "sshd is back")
    code, printed = top.relay.check()
    assert code == 1 and "listens at all its addresses" in printed and "clientspecified" in printed, printed
    config.write_text(usual)
    server.kill()
    server.start()
    process.wait_until(lambda: _answers(server.port), 10, "sshd is back")
    (server.folder / "authorized_keys").write_text("")
    code, printed = top.relay.check()
    assert code == 1 and "the host refuses the key" in printed and "authorized_keys" in printed, printed
    server.kill()
    code, printed = top.relay.check()
    assert code == 1 and "Connection refused" in printed, printed
    # A relay with such a tunnel serves whom it can reach, and says so.
    top.relay.start()
    process.wait_until(lambda: tunnel(top)["state"] == "waiting", 10, lambda: f"{tunnel(top)}")
    top.relay.assert_healthy()
    # The key is let in again, and sshd is back: so is the tunnel.
    server.let_in()
    server.start()
    wait_open(top)
    top.relay.assert_healthy()
