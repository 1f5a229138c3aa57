"""`scrub`: the same scrubbing on files, without a network."""
import json

import pytest

from support import process, spool, topology as topologies

RULES = """
[defaults]
table = "deny"
column = "drop"
[keys]
person = { command = "printf %032d 7" }
[[table]]
name = "shop.*"
optional = true
column_default = "keep"
[table.columns]
secret = "drop"
note = "null"
mail = { action = "hash", key = "person" }
born = { action = "date", to = "year" }
buyer = { action = "hash", key = "person" }
ssn = { action = "hash", key = "person", encoding = "digits" }
phone = { action = "digits", key = "person" }
name = { action = "mask", keep_first = 1 }
town = { action = "truncate", length = 2 }
seen = { action = "date", to = "month" }
worth = { action = "round", to = 100 }
address = "ip"
work = { action = "email", key = "person" }
told = "redact"
document = { action = "json", keep = ["$.name", "$.orders[*].id"] }
""" + topologies.HARNESS_RULE


def run(top, *arguments):
    code, text = top.relay.command("scrub", *map(str, arguments))
    return code, text


def workload(top, first):
    for number in range(first, first + 5):
        token = top.canaries.text()
        document = json.dumps({"name": "Kari", "orders": [{"id": number, "card": token}], "secret": token})
        top.source.execute("BEGIN", "INSERT INTO shop.t (id, secret, note, mail, born, number, buyer, ssn, phone, name, town, seen, worth, "
                           "address, work, told, document) VALUES "
                           f"({number}, '{token}', '{token}', '{token}', '1987-06-05', {number}, {number * 7919}, '0{number}1512345', "
                           f"'+47 400 00 {number}', 'Kåre {token}', 'Trondheim', '2021-07-08 09:10:11.25', {number}.75, '192.0.2.{number}', "
                           f"'{token}@firma.example', 'skriv til {token}@firma.example', "
                           f"'{document}')",
                           f"UPDATE shop.t SET number = number + 1, worth = worth * 3 WHERE id = {number}",
                           f"INSERT INTO hidden.h VALUES ('{token}')", "COMMIT")
    top.source.execute(f"ALTER TABLE shop.t ADD COLUMN extra{first} INT")


@pytest.fixture
def three_files(topology, request):
    """A source with three binary logs, of which the relay has made a spool; the relay is stopped."""
    name = request.param
    top = topology(name, name, RULES, gtid=name != "mysql-5.6", metadata=None if name == "mysql-5.6" else "MINIMAL")
    top.source.execute("CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4", "CREATE DATABASE hidden", "CREATE TABLE hidden.h (v VARCHAR(60))",
                       "CREATE TABLE shop.t (id INT PRIMARY KEY, secret VARCHAR(60), note TEXT, mail VARCHAR(60), born DATE, number INT, "
                       "buyer INT UNSIGNED, ssn CHAR(11), phone VARCHAR(20) CHARACTER SET latin1, name VARCHAR(80), town TEXT, "
                       "seen DATETIME(3), worth DECIMAL(10,2), address VARCHAR(45), work VARCHAR(120), told TEXT, "
                       f"document {'LONGTEXT' if name == 'mysql-5.6' else 'JSON'})")
    top.follow()
    workload(top, 100)
    top.source.execute("FLUSH LOGS")
    create = top.source.query("SHOW CREATE TABLE shop.t")[0][1]
    workload(top, 200)
    top.source.execute("FLUSH LOGS")
    top.wait_caught_up()
    top.relay.stop()
    top.create = create
    return top


@pytest.mark.parametrize("three_files", ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-11.8"], indirect=True)
def test_files_give_what_the_stream_gave(three_files):
    """Of every action."""
    top = three_files
    files = top.source.binlog_files()[:2]
    out = process.temp_folder("scrub")
    code, text = run(top, *files, "-o", out / "all")
    assert code == 0, text
    for number in (1, 2):
        made, streamed = (folder / f"spool.{number:06d}" for folder in (out / "all", top.relay.spool))
        assert spool.transaction_events(made) == spool.transaction_events(streamed), f"scrub made another {made.name} than the stream"
        topologies.verify_binlog(top.source.client_path, made, rows=False)
    assert len(spool.transaction_events(out / "all/spool.000001")) > 20
    top.canaries.assert_absent(out, texts=[text])
    row = top.replica.query("SELECT name, town, told, document FROM shop.t WHERE id = 101")[0]
    assert row[0].startswith("K*") and row[1] == "Tr" and row[2].endswith("*") and json.loads(row[3]) == {"name": "Kari", "orders": [{"id": 101}]}
    # The second file alone: the tables are older than it. Their definitions come from the relay's history, or from a schema file.
    code, text = run(top, files[1], "-o", out / "history", "--json")
    assert code == 0 and "schema.history" in json.loads(text.splitlines()[-1])["schema"], text
    assert spool.transaction_events(out / "history/spool.000001") == spool.transaction_events(top.relay.spool / "spool.000002")
    schema = out / "schema.sql"
    schema.write_text(f"USE shop;\n{top.create};\n")
    top.relay.config.write_text(f"[rules]\nfiles = [\"{top.relay.rules_file}\"]\n[spool]\ndirectory = \"{out}/none\"\nprove = true\n")
    code, text = run(top, files[1], "-o", out / "schema", "--schema", schema)
    assert code == 0, text
    assert spool.transaction_events(out / "schema/spool.000001") == spool.transaction_events(top.relay.spool / "spool.000002")
    # With neither it halts before the first transaction of a table that it does not know.
    code, text = run(top, files[1], "-o", out / "blind")
    assert code == 3 and "stopped before the transaction" in text, text
    assert (out / "blind/spool.000001").exists()
    top.canaries.assert_absent(out, texts=[text])
    process.remove_folder(out)
