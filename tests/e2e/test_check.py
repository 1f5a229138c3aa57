"""`check` names every mistake at once, with its remedy; `run` does not start while there is one."""
import re

import pytest

from support import process, relay as relays, topology as topologies

GOOD_RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "shop.customers"
[table.columns]
id = "keep"
country = "keep"
notes = "null"
"""

# Each seeded mistake of the rules: what stands in the file, and the words that have to be in one finding about it.
BAD_RULES = """
[defaults]
table = "deny"
column = "drop"

[[table]]
name = "shop.customers"
[table.columns]
id = "keep"
emial = "keep"
country = { action = "constant", value = "far too long" }
phone = { action = "hash", key = "nobody" }
balance = { action = "constant", value = "twelve" }
born = { action = "constant", value = "2026-13-45" }
notes = { action = "constant" }

[[table]]
name = "shop.custmers"
[table.columns]
id = "keep"

[[table]]
name = "shop.keyless"
[table.columns]
id = "drop"
rest = "keep"

[[table]]
name = "shop.unique_one"
[table.columns]
id = "keep"
code = { action = "constant", value = "same" }
"""
FINDINGS = {
    "a column that is not there": ("shop.customers", "emial"),
    "a constant longer than its column": ("shop.customers", "country"),
    "a key that no [keys] has": ("shop.customers", "phone", "names a key"),
    "a word for a number": ("shop.customers", "balance"),
    "a date that is none": ("shop.customers", "born"),
    "a constant without its value": ("shop.customers", "notes", "value"),
    "a table that is not there": ("shop.custmers",),
    "a primary key that does not leave": ("shop.keyless", "id"),
    "one value for a unique key": ("shop.unique_one", "code"),
    "statement format at the source": ("binlog_format",),
}
SCHEMA = (
    "CREATE DATABASE shop",
    "CREATE TABLE shop.customers (id INT PRIMARY KEY, email VARCHAR(60), country CHAR(2), phone VARCHAR(20), balance DECIMAL(9,2), "
    "born DATE, notes TEXT)",
    "CREATE TABLE shop.keyless (id INT PRIMARY KEY, rest INT)",
    "CREATE TABLE shop.unique_one (id INT PRIMARY KEY, code VARCHAR(20), UNIQUE KEY u (code))",
)
SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-10.5", "mariadb-11.8"]


def prepare(topology, name, rules, **options):
    top = topology(name, name, rules, metadata=None if name == "mysql-5.6" else "MINIMAL", with_relay=False, **options)
    top.source.execute(*SCHEMA)
    top.make_relay(start=False)
    return top


def assert_run_refuses(relay):
    relay.start(wait=False)
    code = relay.child.wait(process.patient(30))
    relay.expected_ends.add(code)
    assert code in (1, 2, 3), f"run started or died with {code}"


@pytest.mark.parametrize("name", SERVERS)
def test_a_good_configuration_passes_and_shows_every_column(topology, name):
    top = prepare(topology, name, GOOD_RULES)
    secret = top.canaries.text()
    top.source.execute(f"INSERT INTO shop.customers (id, email, notes) VALUES (1, '{secret}', '{secret}')")
    code, text = top.relay.check()
    assert code == 0, text
    for word in ("shop.customers", "id", "email", "country", "phone", "balance", "born", "notes", "keep", "drop", "null", "shop.keyless"):
        assert word in text, f"check does not show {word}:\n{text}"
    assert secret not in text
    assert "\033" not in text, "colours where no terminal is"


@pytest.mark.parametrize("name", SERVERS)
def test_ten_seeded_mistakes_are_all_named(topology, name):
    top = prepare(topology, name, BAD_RULES, source_options={"binlog_format": "STATEMENT"})
    code, text = top.relay.check()
    assert code != 0, f"check passed:\n{text}"
    lines = text.splitlines()
    missed = [what for what, words in FINDINGS.items() if not any(all(word in line for word in words) for line in _findings(lines))]
    assert not missed, f"check does not name {missed}:\n{text}"
    assert_run_refuses(top.relay)


def _findings(lines):
    """A finding may go over several lines: those that follow indented belong to it."""
    found = []
    for line in lines:
        if found and re.match(r"\s+\S", line):
            found[-1] += " " + line.strip()
        else:
            found.append(line)
    return found + lines


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_missing_grants_are_named_with_the_statement_that_gives_them(topology, name):
    top = prepare(topology, name, GOOD_RULES)
    top.source.execute(f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{relays.SOURCE_USER}'@'%'")
    code, text = top.relay.check()
    assert code != 0 and "REPLICATION SLAVE" in text and "GRANT" in text, text
    assert_run_refuses(top.relay)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_wrong_password_is_named_without_being_shown(topology, name):
    top = prepare(topology, name, GOOD_RULES)
    (top.relay.folder / "source.password").write_text("not-the-password-77\n")
    code, text = top.relay.check()
    assert code != 0 and relays.SOURCE_USER in text, text
    assert "not-the-password-77" not in text


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_the_sources_own_server_id_is_refused(topology, name):
    top = prepare(topology, name, GOOD_RULES, settings=None)
    top.relay.config.write_text(re.sub(r"server_id = \d+", f"server_id = {top.source.server_id}", top.relay.config.read_text()))
    code, text = top.relay.check()
    assert code != 0 and "server_id" in text, text


def test_all_configuration_errors_come_at_once_with_line_and_key(topology):
    top = prepare(topology, "mariadb-10.11", GOOD_RULES)
    text = top.relay.config.read_text()
    text = text.replace("user = ", "usr = ", 1).replace('sync = "off"', 'sync = "sometimes"').replace(
        f"listen = \"127.0.0.1:{top.relay.port}\"", "listen = \"0.0.0.0:99999\"")
    top.relay.config.write_text(text)
    code, output = top.relay.check()
    assert code == 2, output
    for word in ("usr", "sync", "listen"):
        line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith(word))
        assert any("relay.toml" in found and str(line) in found and word in found for found in _findings(output.splitlines())), \
            f"no error names {word} on line {line}:\n{output}"


def test_replicas_without_tls_are_refused_off_loopback(topology):
    top = prepare(topology, "mariadb-10.11", GOOD_RULES)
    top.relay.config.write_text(top.relay.config.read_text().replace(f"listen = \"127.0.0.1:{top.relay.port}\"",
                                                                     f"listen = \"0.0.0.0:{top.relay.port}\""))
    code, text = top.relay.check()
    assert code == 2 and "tls" in text, text
