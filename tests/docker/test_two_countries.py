"""Two countries with nothing in common but the tunnel: what crosses the border, and what cannot."""
import ipaddress
import time

import pytest

from support.leak import Hunt

from . import sakila


def columns(countries, service, table):
    return {row[0] for row in countries.sql(service, f"SHOW COLUMNS FROM sakila.{table}")}


def test_the_replica_has_all_that_may_leave_and_nothing_else(loaded, figure):
    rows = 0
    for table, kept in sakila.KEPT.items():
        sql = f"SELECT {kept} FROM sakila.{table} ORDER BY 1, 2"
        here, there = loaded.sql(loaded.source, sql), loaded.sql(loaded.replica, sql)
        assert here == there and len(here) > 0, f"{table}: {len(here)} rows at the source, {len(there)} at the replica"
        rows += len(here)
        # The two clocks of last_update aside, no column but these.
        extra = columns(loaded, loaded.replica, table) - set(kept.split(", ")) - {"last_update"}
        assert extra == sakila.CHANGED.get(table, set()), (table, extra)
    tables = {row[0] for row in loaded.sql(loaded.replica, "SHOW TABLES FROM sakila")}
    assert tables == set(sakila.KEPT), tables
    here, there = (loaded.sql(service, "SELECT COUNT(DISTINCT email) FROM sakila.customer") for service in (loaded.source, loaded.replica))
    assert here == there and not loaded.sql(loaded.replica, "SELECT 1 FROM sakila.customer WHERE email LIKE '%@%'")
    assert loaded.sql(loaded.replica, "SELECT DISTINCT LENGTH(postal_code) FROM sakila.address") == [["2"]]
    assert loaded.gtids(loaded.source) == loaded.gtids(loaded.replica)
    figure("rows equal", rows)
    figure("written in s", f"{loaded.load_seconds[0]:.1f}")
    figure("written and applied in s", f"{loaded.load_seconds[1]:.1f}")


def test_the_replica_can_be_written_by_nobody(loaded):
    assert loaded.sql(loaded.replica, f"SELECT @@{'' if loaded.mariadb else 'super_'}read_only") == [["1"]]
    connection = loaded.reader()
    with connection.cursor() as cursor, pytest.raises(Exception, match="denied|read-only|read_only"):
        cursor.execute("DELETE FROM sakila.film_text")
    connection.close()


def test_no_token_is_on_the_way_or_on_a_disk_abroad(loaded, tokens, figure):
    personal, kept = tokens
    hunt = Hunt(personal, {"kept": {kept.stem.encode()}})
    at_source = hunt.in_folder(*loaded.disk(loaded.source))
    assert {token for token in at_source if token.startswith(personal.stem)}, "the search finds no token even at the source"
    abroad = hunt.in_folder(*loaded.disk(*loaded.cloud, loaded.relay, "haproxy", "syslog"))
    assert abroad.pop("kept", None), "what may leave is not on the replica's disk: the search looks in the wrong place"
    assert not abroad, abroad
    time.sleep(1)
    for network in ("border", "reads", "cloud"):
        file = loaded.captured(network)
        time.sleep(0.5)
        assert not hunt.in_file(file), f"{network}: {hunt.in_file(file)}"
    border = loaded.captured("border")
    greeting = b"caching_sha2_password" if loaded.tls and not loaded.mariadb else b"mysql_native_password" if loaded.tls else b"SSH-2.0-"
    data = border.read_bytes()
    assert len(data) > 500_000 and greeting in data, f"{len(data)} bytes captured at the border"
    figure("tokens planted", personal.count)
    figure("bytes over the border", len(data))


def test_no_way_leads_from_the_cloud_to_the_source(loaded):
    source = loaded.address(loaded.source, "norway")
    relay, relay_abroad = loaded.address(loaded.relay, "norway"), loaded.address(loaded.relay, "border")
    haproxy, haproxy_reads = loaded.address("haproxy", "norway"), loaded.address("haproxy", "reads")
    ways = {(source, 3306), (relay, 9144)}
    assert loaded.reachable("haproxy", ways) == ways and loaded.resolved("haproxy", ("source", "relay-norway")) == {"source", "relay-norway"}
    tunnel = ("relay" if loaded.tls else "127.0.0.1", 3307)
    forbidden = {(source, 3306), (relay, 9144), (relay, 3307), (haproxy, 3306), (relay_abroad, 9144), (relay_abroad, 3306), (haproxy_reads, 3306)}
    if not loaded.tls:
        forbidden.add((relay_abroad, 3307))  # the tunnel needs no port in Norway
    gateways = [loaded.subnet(network).get("Gateway") for network in ("norway", "border", "reads", "cloud")]
    forbidden |= {(gateway, port) for gateway in gateways if gateway for port in (3306, loaded.reads_port)}
    for service in loaded.cloud:
        assert loaded.reachable(service, forbidden | {tunnel}) == {tunnel}, service
        assert not loaded.resolved(service, ("source", "source-mariadb", "relay-norway", "reads-norway")), service
    # Nor for one who owns the cloud host and takes the relay, HAProxy or the engine for a router; what has a foot in both countries
    # must not answer for its other address either.
    subnet = str(ipaddress.ip_network(loaded.subnet("norway")["Subnet"]))
    abroad = [gateway for gateway in gateways[1:] if gateway]
    for router in (relay_abroad, haproxy_reads, *abroad):
        added = loaded.inside(loaded.cloud[-1], "ip", "route", "replace", subnet, "via", router)
        assert added.returncode == 0, added.stdout
        try:
            reached = loaded.reachable(loaded.cloud[-1], {(source, 3306), (haproxy, 3306), (relay, 9144), (relay, 3307)})
            assert not reached, f"by way of {router}: {reached}"
        finally:
            loaded.inside(loaded.cloud[-1], "ip", "route", "delete", subnet)


def test_what_has_a_foot_in_both_countries_answers_for_one_address_alone(loaded):
    """By a wire of its own, because the engine's filters are on its bridges; another machine has none."""
    attacker = loaded.cloud[-1]
    for service, port in ((loaded.relay, 9144), ("haproxy", 3306)):
        address = loaded.address(service, "norway")
        with loaded.wire(attacker, service) as (_, there):
            assert loaded.inside(attacker, "ip", "route", "replace", address, "via", there).returncode == 0
            assert not loaded.reachable(attacker, {(address, port)}), service
            if service == loaded.relay:  # without its packet filter it does answer: the wire is one
                assert loaded.execute(service, "iptables", "-I", "INPUT", "-j", "ACCEPT")[0] == 0
                reached = loaded.reachable(attacker, {(address, port)})
                assert loaded.execute(service, "iptables", "-D", "INPUT", "-j", "ACCEPT")[0] == 0
                assert reached == {(address, port)}


def test_no_log_in_of_the_source_is_abroad(loaded):
    at_source = {tuple(row) for row in loaded.sql(loaded.source, "SELECT user, host FROM mysql.user WHERE host <> 'localhost'")}
    relay, haproxy = loaded.address(loaded.relay, "norway"), loaded.address("haproxy", "norway")
    assert at_source == {("binlog_relay", relay), ("check", haproxy), ("reader", haproxy)}
    passwords = [loaded.secret("haproxy", f"{account}.password") for account in ("check", "reader")] + [loaded.secret("relay", "source.password")]
    written = [file.read_text() for service in ("replica", "cloud-host") for file in loaded.secrets(service).iterdir()]
    assert len(written) >= 8 and not [text for text in written for password in passwords if password in text]


def test_each_service_has_its_own_secrets_alone(loaded):
    kept = {loaded.source: ["source"], loaded.relay: ["relay"], "haproxy": ["haproxy"], "syslog": [], loaded.replica: ["replica"], "cloud-host": ["cloud-host"]}
    for service in {loaded.source, loaded.relay, "haproxy", "syslog", *loaded.cloud}:
        volumes = [mount["Name"] for mount in loaded.container(service)["Mounts"] if mount["Type"] == "volume"]
        secret = [name for name in volumes if name.endswith(("-secrets", "_authority"))]
        assert secret == [f"{loaded.project}_{name}-secrets" for name in kept[service]], service
    assert loaded.secret("authority", "ca.key").startswith("-----BEGIN") and loaded.secret("relay", "person.key")
