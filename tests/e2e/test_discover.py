"""`discover` proposes a rule file that `check` passes, finds what it should, keeps nothing personal, and prints no value."""
import os
import random
import re
import stat
import string
import threading

import pytest

from support import field_schemas, held_out_schemas, made_numbers as numbers, process, relay as relays
from support.discovery import Discovery, Score, Values, expected_kinds, proposals
from support.personal_schemas import SCHEMAS, VALIDATED, email, line, name, phone

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11"]
# What each set holds, and the recall that a kind has at least where it is not 0.9: bare digits in columns of such names as "src" and
# "destination_number" are not known for telephone numbers.
SETS = {"held_out": (held_out_schemas, {}), "field": (field_schemas, {"telephone number": 0.75})}


@pytest.fixture(params=SERVERS)
def discovery(request, need):
    need(request.param)
    made = Discovery(request.param)
    yield made
    made.destroy()


def judge(discovery, schemas, figure, lower):
    """What is proposed for the schemas, once it was seen to be good enough; the figures are printed."""
    text = discovery.discover()
    found, expected = proposals(text), expected_kinds(schemas)
    assert set(found) == set(expected), f"columns without a proposal: {set(expected) ^ set(found)}\n{text}"
    checked = Score(found, expected, VALIDATED)
    figure("kinds with a check", checked.text())
    named = Score(found, expected, set(expected.values()) - VALIDATED - {None})
    if named.kinds:
        figure("kinds told by names", named.text())
    for score in (checked, named):
        print(*(f"{kind}: {score.text(kind)}" for kind in score.kinds), f"wrong: {score.wrong}", f"missed: {score.missed}", sep="\n")
    harmless = [found[place][0] == '"keep"' for place, kind in expected.items() if kind is None]
    figure("harmless columns kept", f"{sum(harmless)} of {len(harmless)}")
    checked.assert_at_least(0.9, lower)
    return found


def test_finds_what_it_should_keeps_nothing_personal_and_prints_no_value(discovery, figure):
    rnd = random.Random(20260214)
    for database, tables in SCHEMAS.items():
        discovery.fill(database, tables, rnd)
    discovery.source.execute(
        "UPDATE helse.konsultasjon k JOIN helse.pasient p ON p.pasient_id = k.pasient SET k.pasient_fnr = p.fnr",
        "ALTER TABLE helse.konsultasjon ADD FOREIGN KEY (pasient_fnr) REFERENCES helse.pasient (fnr)",
        "ALTER TABLE butikk.ordre ADD FOREIGN KEY (kunde_id) REFERENCES butikk.kunde (id)")
    found = judge(discovery, SCHEMAS, figure, {})
    kept = {place for place, (action, *_) in found.items() if action == '"keep"'}
    assert kept == {("sakila.actor", "actor_id"), ("sakila.actor", "last_update"), ("sakila.address", "address_id"), ("sakila.customer", "customer_id"),
                    ("sakila.customer", "address_id"), ("sakila.customer", "active"), ("sakila.film", "film_id"), ("sakila.film", "rental_rate"),
                    ("sakila.payment", "payment_id"), ("sakila.payment", "customer_id"), ("sakila.payment", "amount"), ("sakila.staff", "staff_id"),
                    ("butikk.kunde", "id"), ("butikk.kunde", "opprettet"), ("butikk.ordre", "id"), ("butikk.ordre", "kunde_id"),
                    ("butikk.ordre", "totalbeløp"), ("butikk.ordre", "status"), ("butikk.import", "rad"), ("helse.pasient", "pasient_id"),
                    ("helse.konsultasjon", "id"), ("helse.konsultasjon", "opprettet_tidspunkt"), ("helse.resept", "resept_id")}, sorted(kept)
    assert found["helse.konsultasjon", "pasient_fnr"][0] == found["helse.pasient", "fnr"][0], "a foreign key's ends have different actions"
    assert re.search(r"\d+ of \d+ sampled values pass both control digits", found["butikk.kunde", "fødselsnummer"][3])

    (discovery.relay.rules_file).unlink()
    discovery.discover("-o", discovery.relay.rules_file)
    assert proposals(discovery.relay.rules_file.read_text()) == found
    discovery.assert_no_value(discovery.assert_check_passes(), shortest=5)  # it tells numbers of its own, of the server and of lines
    discovery.discover("-o", discovery.relay.rules_file, code=1)


@pytest.mark.parametrize("made", SETS)
def test_does_well_where_its_words_were_not_made_for_the_names(discovery, figure, made):
    rnd = random.Random(20260301)
    schemas, lower = SETS[made][0].SCHEMAS, SETS[made][1]
    for database, tables in schemas.items():
        discovery.fill(database, tables, rnd)
    found, expected = judge(discovery, schemas, figure, lower), expected_kinds(schemas)
    kept = {place for place, (action, *_) in found.items() if action == '"keep"' and expected[place]}
    assert not kept, f"what is personal is kept: {kept}"
    discovery.relay.rules_file.unlink()
    discovery.discover("-o", discovery.relay.rules_file)
    discovery.assert_check_passes()


ADVERSARIAL = {
    "teller": [("id", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", numbers.national_id), ("beløp", "BIGINT", numbers.national_id),
               ("price", "DECIMAL(10,0)", phone), ("status", "VARCHAR(20)", lambda rnd: rnd.choice(["hiv", "frisk"])), ("antall", "BIGINT", numbers.card),
               ("created_at", "VARCHAR(80)", line), ("land", "VARCHAR(80)", name), ("active", "ENUM('gravid','syk')", lambda rnd: "syk"),
               ("total", "TEXT", email), ("sum", "BIGINT", numbers.account), ("rate", "INT UNSIGNED", numbers.organisation), ("valuta", "CHAR(3)", None),
               ("opprettet_av", "INT", lambda rnd: rnd.randrange(10 ** 6)), ("personnr_status", "TINYINT", lambda rnd: rnd.randrange(3)),
               ("saldo", "DECIMAL(10,2)", lambda rnd: rnd.randrange(10 ** 6)), ("deleted", "DATE", None), ("vekt", "INT", lambda rnd: rnd.randint(40, 120))],
}


def test_nothing_personal_is_kept_under_an_impersonal_name(discovery):
    tables = {table: [(column, kind, None, make) for column, kind, make in columns] for table, columns in ADVERSARIAL.items()}
    discovery.fill("lureri", tables, random.Random(4711))
    found = proposals(discovery.discover())
    kept = {column for (_, column), (action, *_) in found.items() if action == '"keep"'}
    assert kept == {"valuta", "deleted"}, kept


def test_a_reference_to_what_a_person_has_or_is_does_not_leave(discovery):
    """The number of a religion is the religion; and a column's own values count before what it refers to."""
    source = discovery.source
    source.execute("CREATE DATABASE art9", "CREATE TABLE art9.diagnose (id INT AUTO_INCREMENT PRIMARY KEY, kode VARCHAR(9))",
                   "CREATE TABLE art9.religion (id INT AUTO_INCREMENT PRIMARY KEY)", "CREATE TABLE art9.butikk (id INT AUTO_INCREMENT PRIMARY KEY)",
                   "CREATE TABLE art9.p (id BIGINT AUTO_INCREMENT PRIMARY KEY)",
                   "CREATE TABLE art9.ansatt (id INT AUTO_INCREMENT PRIMARY KEY, religion_id INT, diagnose_id INT, kode_id INT, butikk_id INT, fnr BIGINT, "
                   "land CHAR(2), status ENUM('aktiv','sykemeldt'), FOREIGN KEY (diagnose_id) REFERENCES art9.diagnose (id), "
                   "FOREIGN KEY (kode_id) REFERENCES art9.diagnose (id), FOREIGN KEY (fnr) REFERENCES art9.p (id))",
                   "CREATE TABLE art9.payroll (id INT AUTO_INCREMENT PRIMARY KEY, status ENUM('ny','betalt'))",
                   "CREATE TABLE art9.kort (id BIGINT AUTO_INCREMENT PRIMARY KEY)")
    rnd = random.Random(9)
    ids = [numbers.national_id(rnd) for _ in range(20)]
    source.execute("INSERT INTO art9.p VALUES " + ",".join(f"({int(number)})" for number in ids),
                   "INSERT INTO art9.ansatt (fnr, butikk_id) VALUES " + ",".join(f"({int(number)}, 1)" for number in ids),
                   "INSERT INTO art9.kort VALUES " + ",".join(f"({numbers.card(rnd)})" for _ in range(20)))
    found = proposals(discovery.discover("--table", "art9.*"))
    kept = {(table, column) for (table, column), (action, *_) in found.items() if action == '"keep"'}
    assert {each for each in kept if each[0] == "art9.ansatt"} == {("art9.ansatt", "id"), ("art9.ansatt", "butikk_id")}, kept
    assert ("art9.kort", "id") not in kept and ("art9.p", "id") not in kept, kept


def test_an_update_carries_no_decision_without_its_options_and_none_that_nobody_made(discovery):
    source, rules = discovery.source, discovery.relay.rules_file
    source.execute("CREATE DATABASE d2", "CREATE TABLE d2.p (a VARCHAR(40) PRIMARY KEY)", "CREATE TABLE d2.q (navn VARCHAR(40) PRIMARY KEY)",
                   "CREATE TABLE d2.b (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(40), navn VARCHAR(40), FOREIGN KEY (a) REFERENCES d2.p (a), "
                   "FOREIGN KEY (navn) REFERENCES d2.q (navn))")
    discovery.relay.write_rules('[keys]\nk = { file = "k.key" }\n[[table]]\nname = "d2.p"\ncolumns = { a = { action = "hash", key = "k", fold = true } }\n'
                                '[[table]]\nname = "d2.q"\ncolumn_default = "keep"\n')
    (rules.parent / "k.key").write_text("k" * 40)
    discovery.discover("--update", rules, "--table", "d2.b")
    found = proposals(rules.read_text())
    assert found[("d2.b", "a")][0] == '"drop"' and found[("d2.b", "navn")][0] == '"drop"', found


def test_what_is_no_file_is_not_replaced_by_one(discovery, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in discovery.relay.command("discover", "--update", tmp_path / "pipe", seconds=60)[1]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_nothing_is_held_where_transactions_do_not_end_by_themselves(discovery):
    source = discovery.source
    source.execute("CREATE DATABASE held", *(f"CREATE TABLE held.t{number} (id INT AUTO_INCREMENT PRIMARY KEY, n INT)" for number in range(3)),
                   *(f"INSERT INTO held.t{number} (n) VALUES (1)" for number in range(3)))
    with source.connect() as locking, locking.cursor() as cursor, source.connect() as other, other.cursor() as altering:
        cursor.execute("LOCK TABLES held.t2 WRITE")
        altering.execute("SET SESSION lock_wait_timeout = 2")
        source.execute("SET GLOBAL autocommit = 0")
        try:
            looking = threading.Thread(target=discovery.discover, args=("--seconds", "8"))
            looking.start()
            process.wait_until(lambda: any("held" in str(row) and "Waiting" in str(row) for row in source.query("SHOW FULL PROCESSLIST")), 60, "it waits")
            altering.execute("ALTER TABLE held.t0 ADD COLUMN late INT")
        finally:
            source.execute("SET GLOBAL autocommit = 1")
        cursor.execute("UNLOCK TABLES")
        looking.join()


HOSTILE = ["a\"b", "a'b", "a`b", "a.b", "a\\b", "a#b", "a]b", "[[table]]", "a = \"keep\"", "blåbær", "a\u202eb", "a\u2028b", "x -- y", "a/-b-/c", "a;b", "{}"]
UNNAMEABLE = ["a\nb = \"keep\"", "a\rb", "a*", "a?b", "a\tb"]


def quoted(text):
    return "`" + text.replace("`", "``") + "`"


def test_hostile_names_are_escaped_and_what_cannot_be_named_does_not_leave(discovery):
    discovery.source.execute("CREATE DATABASE fiende DEFAULT CHARACTER SET utf8mb4")
    for number, each in enumerate(HOSTILE + UNNAMEABLE):
        columns = ", ".join(f"{quoted(column)} VARCHAR(20)" for column in HOSTILE + UNNAMEABLE)
        discovery.source.execute(f"CREATE TABLE fiende.{quoted(each)} (id INT AUTO_INCREMENT PRIMARY KEY, {columns}) ENGINE=InnoDB")
        discovery.source.execute(f"INSERT INTO fiende.{quoted(each)} ({quoted(HOSTILE[number % len(HOSTILE)])}) VALUES ('qfientlig')")
    discovery.values.remember(["qfientlig"])
    discovery.relay.rules_file.unlink()
    printed = discovery.discover("-o", discovery.relay.rules_file)
    text = discovery.relay.rules_file.read_bytes().decode()
    assert all(ord(c) >= 32 or c == "\n" for c in text + printed)
    assert "\u202e" not in text and "\u2028" not in text
    assert text.count("\n[[table]]\n") == len(HOSTILE)
    report = discovery.assert_check_passes()
    assert len(re.findall(r"  keep\b", report)) == len(HOSTILE), f"other things leave than the keys:\n{report}"


def test_views_empty_refused_wide_and_huge_tables(discovery):
    source, account = discovery.source, "kun_noe"
    source.execute("CREATE DATABASE rart DEFAULT CHARACTER SET utf8mb4", "CREATE TABLE rart.tom (id INT AUTO_INCREMENT PRIMARY KEY, epost VARCHAR(80))",
                   "CREATE VIEW rart.utsyn AS SELECT * FROM rart.tom", "CREATE TABLE rart.hemmelig (id INT PRIMARY KEY, fnr CHAR(11))",
                   "CREATE TABLE rart.bred (id INT AUTO_INCREMENT PRIMARY KEY, " + ", ".join(f"k{at} VARCHAR(8)" for at in range(900)) + ") ENGINE=MyISAM",
                   "INSERT INTO rart.bred (k7, k899) VALUES ('qbredt01', 'qbredt02')",
                   "CREATE TABLE rart.svaer (id INT AUTO_INCREMENT PRIMARY KEY, merknad LONGTEXT, bilde LONGBLOB)",
                   *["INSERT INTO rart.svaer (merknad, bilde) VALUES (CONCAT('qsvaert01 ', REPEAT('qsvaert02 ', 200000)), REPEAT(UNHEX('c3ff00'), 500000))"] * 6)
    discovery.values.remember(["qbredt01", "qbredt02", "qsvaert01", "qsvaert02"])
    grants = ["GRANT SELECT ON rart.tom TO", "GRANT SELECT ON rart.bred TO", "GRANT SELECT ON rart.svaer TO", "GRANT INSERT ON rart.hemmelig TO"]
    source.create_account(account, "noe-pass-1", "REPLICATION SLAVE, REPLICATION CLIENT")
    source.execute(*[f"{grant} '{account}'@'%'" for grant in grants])
    config = discovery.relay.config
    config.write_text(config.read_text().replace(relays.SOURCE_USER, account))
    discovery.relay.write_secret("source.password", "noe-pass-1")
    text = discovery.discover()
    found = proposals(text)
    assert ("rart.tom", "epost") in found and "# rart.tom: no rows; judged by names and types alone" in text
    assert len([place for place in found if place[0] == "rart.bred"]) == 901
    assert not any("utsyn" in table for table, _ in found)
    refused = [line for line in text.splitlines() if line.startswith("# rart.hemmelig: ")]
    assert len(refused) == 1 and ("may not SELECT" in refused[0] or "cannot read its definition" in refused[0]), text
    assert found["rart.svaer", "merknad"][1] == "free text"


def test_working_tables_of_a_schema_change_have_the_rules_of_theirs(discovery):
    made = ["kunde", "_kunde_gho", "_kunde_ghc", "_kunde_del", "_kunde_new", "__kunde_old", "_ordre_new"]
    discovery.source.execute("CREATE DATABASE vandring", *(f"CREATE TABLE vandring.{table} (id INT AUTO_INCREMENT PRIMARY KEY, navn VARCHAR(20))" for table in made))
    discovery.relay.rules_file.unlink()
    discovery.discover("-o", discovery.relay.rules_file, "--table", "vandring.*")
    text = discovery.relay.rules_file.read_text()
    assert {table for table, _ in proposals(text)} == {"vandring.kunde", "vandring._ordre_new"}, text
    assert text.count("a working table of a schema change of kunde, and under its rules") == 5
    discovery.assert_check_passes()


def test_a_table_that_answers_too_late_is_judged_by_its_names(discovery):
    source = discovery.source
    source.execute("CREATE DATABASE treg", "CREATE TABLE treg.laast (id INT AUTO_INCREMENT PRIMARY KEY, epost VARCHAR(80)) ENGINE=InnoDB",
                   "CREATE TABLE treg.apen (id INT AUTO_INCREMENT PRIMARY KEY, epost VARCHAR(80)) ENGINE=InnoDB",
                   "INSERT INTO treg.apen (epost) VALUES ('qtreg01@qtreg02.example')")
    discovery.values.remember(["qtreg01", "qtreg02"])
    holder = source.connect()
    with holder.cursor() as cursor:
        cursor.execute("LOCK TABLES treg.laast WRITE")
    done = threading.Timer(60, holder.close)  # in case that it would wait for ever
    done.start()
    text = discovery.discover("--seconds", "1")
    done.cancel()
    holder.close()
    assert "# treg.laast: the time limit was reached; judged by names and types alone" in text, text
    assert "# treg.apen: 1 row sampled" in text, text
    assert proposals(text)["treg.laast", "epost"][1] == "e-mail address"
    process.wait_until(lambda: not [row for row in source.query("SHOW PROCESSLIST") if row[1] == relays.SOURCE_USER], 20,
                       lambda: "no statement goes on at the source")


def test_samples_are_few_rows_read_by_read_only_statements(discovery):
    source = discovery.source
    source.execute("CREATE DATABASE stor", "CREATE TABLE stor.uten (a INT, b VARCHAR(40), KEY (b)) ENGINE=InnoDB",
                   "CREATE TABLE stor.med (x INT, y VARCHAR(10), b VARCHAR(40), PRIMARY KEY (y, x)) ENGINE=InnoDB", "INSERT INTO stor.uten VALUES (1, 'qstor01')")
    for _ in range(12):
        source.execute("INSERT INTO stor.uten SELECT a + 1, b FROM stor.uten")
    source.execute("SET @n = 0", "INSERT INTO stor.med SELECT @n := @n + 1, a, b FROM stor.uten", "SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = 1")
    discovery.values.remember(["qstor01"])
    text = discovery.discover("--rows", "50")
    source.execute("SET GLOBAL general_log = 0")
    assert text.count(": 50 rows sampled") == 2, text
    said = [row[0].decode() if isinstance(row[0], bytes) else row[0] for row in source.query(
        "SELECT argument FROM mysql.general_log WHERE command_type = 'Query' AND user_host LIKE '%relay_source%'")]
    samples = [each for each in said if "CONVERT(LEFT(" in each]
    assert samples and all(re.match(r"SELECT |SHOW |SET ", each) for each in said), said
    assert said.index("SET SESSION TRANSACTION READ ONLY") < said.index(samples[0])
    assert not any("qstor01" in each for each in said)
    for statement in samples:
        source.new_session()
        source.execute("FLUSH STATUS", statement)
        reads = sum(int(row[1]) for row in source.query("SHOW SESSION STATUS LIKE 'Handler_read%'"))
        assert reads <= 60, f"{reads} rows read by {statement}"


UPDATED = """# Ours: read before you touch it.
[defaults]
table  = "deny"    # nothing leaves by accident
column = "drop"

[[table]]          # customers
name = 'drift.kunde'
[table.columns]
id    = "keep"     # joins
  navn = { action = "mask",  keep_first = 1 }   # agreed with the data protection officer
# more to come

[[table]]
name = "drift.logg_*"
optional = true
[table.columns]
id = "keep"
"""


OTHER_GROUP = 12345


def test_update_adds_what_is_missing_and_changes_nothing_else(discovery):
    source, rules = discovery.source, discovery.relay.rules_file
    source.execute("CREATE DATABASE drift", "CREATE TABLE drift.kunde (id INT AUTO_INCREMENT PRIMARY KEY, navn VARCHAR(40), epost VARCHAR(60), felt INT)",
                   "CREATE TABLE drift.logg_1 (id INT AUTO_INCREMENT PRIMARY KEY, tekst TEXT)",
                   "CREATE TABLE drift.ordre (id INT AUTO_INCREMENT PRIMARY KEY, kunde_id INT, FOREIGN KEY (kunde_id) REFERENCES drift.kunde (id))",
                   "INSERT INTO drift.kunde (navn, epost) VALUES ('qdrift01', 'qdrift02@qdrift03.example')")
    discovery.values.remember(["qdrift01", "qdrift02", "qdrift03"])
    discovery.relay.write_rules(UPDATED)
    rules.chmod(0o640)
    os.chown(rules, -1, OTHER_GROUP if os.geteuid() == 0 else -1)
    group, beside = rules.stat().st_gid, rules.with_name("rules.toml.new")
    beside.write_text("# an operator's own")
    text = discovery.discover("--update", rules)
    assert "2 columns of tables that it names, 1 tables" in text, text
    after = rules.read_text()
    discovery.assert_no_value(after)
    assert rules.stat().st_mode & 0o777 == 0o640 and rules.stat().st_gid == group
    assert beside.read_text() == "# an operator's own"
    assert {each.name for each in rules.parent.glob("rules.toml*")} == {"rules.toml", "rules.toml.new"}, "something is left over"
    lines = iter(after.splitlines())
    assert all(line in lines for line in UPDATED.splitlines()), after
    found = proposals(after)
    assert set(found) == {("drift.kunde", "epost"), ("drift.kunde", "felt"), ("drift.ordre", "id"), ("drift.ordre", "kunde_id")}, after
    discovery.assert_check_passes()
    discovery.discover("--update", rules)
    assert rules.read_text() == after, "a second update changes the file"
    discovery.relay.write_rules(after.replace("epost = {", "epost = \"keep\" # {"))
    assert "warning: a rule keeps drift.kunde, column epost: e-mail address (certain)" in discovery.discover("--update", rules)


def test_mistakes_are_told_with_their_remedy(discovery):
    discovery.discover("--table", "nodot", code=2)
    discovery.discover("--update", discovery.relay.folder / "none.toml", code=2)
    discovery.discover("--rows", "-1", code=2)
    discovery.relay.write_rules("[[table]]\nname = 'qhemmelig01'\n")
    assert "rules.toml:2" in discovery.discover("--update", discovery.relay.rules_file, code=2)
    discovery.relay.rules_file.unlink()
    assert "0 tables" in discovery.discover("--table", "ingen.*")
    assert "--update" in discovery.discover("--help")


def test_a_value_that_is_printed_is_seen():
    values = Values()
    values.name("kunde", "fødselsår SMALLINT(6)")
    values.remember(["Kåre Fossum", 47, "20.5", b"\x01\xfe", "+47 9", "kunde", None])
    assert not values.found_in("kunde, fødselsår: 47 of 60 sampled values are e-mail addresses; smallint(6)")
    for printed in ["Fossum", "(kåre)", "at 47;", "constant 20.5", "0x01fe 01fe", "'+47 9'", "part_fossum_x"]:
        assert values.found_in(printed), printed


def test_the_makers_of_numbers_are_right():
    assert len(numbers.national_id(random.Random(1))) == 11 and set(numbers.card(random.Random(1))) <= set(string.digits)
