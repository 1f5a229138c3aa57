"""Equal texts have equal pseudonyms in every character set: what a character is, the servers say."""
import pathlib

import pytest

from support.topology import HARNESS_RULE

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8"]
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "scrub_rules/golden/single_byte_sets.tsv"
CHUNK = 40  # characters of a text

MULTI_BYTE = {  # ranges of first and of later bytes, as ismbchar_* of strings/ctype-*.c has them
    "sjis": [[(0x81, 0x9f), (0xe0, 0xfc)], [(0x40, 0x7e), (0x80, 0xfc)]],
    "cp932": [[(0x81, 0x9f), (0xe0, 0xfc)], [(0x40, 0x7e), (0x80, 0xfc)]],
    "euckr": [[(0x81, 0xfe)], [(0x41, 0x5a), (0x61, 0x7a), (0x81, 0xfe)]],
    "gb2312": [[(0xa1, 0xf7)], [(0xa1, 0xfe)]],
    "gbk": [[(0x81, 0xfe)], [(0x40, 0x7e), (0x80, 0xfe)]],
    "gb18030": [[(0x81, 0xfe)], [(0x40, 0x7e), (0x80, 0xfe)]],
    "big5": [[(0xa1, 0xf9)], [(0x40, 0x7e), (0xa1, 0xfe)]],
    "ujis": [[(0x8e, 0x8e), (0xa1, 0xfe)], [(0xa1, 0xfe)]],
    "eucjpms": [[(0x8e, 0x8e), (0xa1, 0xfe)], [(0xa1, 0xfe)]],
}


def documented(name, code):
    """Whether docs/pseudonyms.md names the character as one that has a pseudonym of its own in this set."""
    number = int.from_bytes(code, "big")
    if name == "big5":
        return number in (0xa145, 0xa14e, 0xa1c2, 0xa1e3, 0xa1f2, 0xa1f3, 0xa241, 0xa242, 0xa244, 0xa246, 0xa247, 0xa2ce) \
            or 0xc6a1 <= number <= 0xc7fc
    if name != "gb18030":
        return False
    return number in (0xfe51, 0xfe52, 0xfe53, 0xfe59, 0xfe61, 0xfe66, 0xfe67, 0xfe6c, 0xfe6d, 0xfe76, 0xfe7e, 0xfe90, 0xfe91, 0xfea0) \
        or 0xa6d9 <= number <= 0xa6df or number in (0xa6ec, 0xa6ed, 0xa6f3) \
        or 0x82359037 <= number <= 0x82359134 or 0x84318236 <= number <= 0x84318335


def codes(name):
    """The characters that the set may have, by their bytes."""
    if name not in MULTI_BYTE:
        return [bytes([byte]) for byte in range(1, 256)]
    first, later = ([byte for begin, end in ranges for byte in range(begin, end + 1)] for ranges in MULTI_BYTE[name])
    made = [bytes([byte]) for byte in range(1, 256)] + [bytes([a, b]) for a in first for b in later]
    if name in ("ujis", "eucjpms"):
        made += [bytes([0x8f, a, b]) for a in later for b in later]
    if name == "gb18030":
        made += [bytes([a, b, c, d]) for a in range(0x81, 0x85) for b in range(0x30, 0x3a) for c in range(0x81, 0xff) for d in range(0x30, 0x3a)]
    return made


def coming_back(server, name):
    """Those that the server has, and that come back to it from utf8mb4."""
    wanted, found = codes(name), []
    server.execute("SET SESSION sql_log_bin = 0", "CREATE TABLE harness.code (c VARBINARY(4))")
    for at in range(0, len(wanted), 4000):
        server.execute("INSERT INTO harness.code VALUES " + ", ".join(f"(x'{code.hex()}')" for code in wanted[at:at + 4000]))
    text = f"CONVERT(c USING {name})"
    for row in server.query(f"SELECT HEX(c) FROM harness.code WHERE c = BINARY CONVERT(CONVERT({text} USING utf8mb4) USING {name})"):
        found.append(bytes.fromhex(row[0]))
    server.execute("DROP TABLE harness.code", "SET SESSION sql_log_bin = 1")
    return sorted(code for code in found if code != b" ")


def chunks(name, found):
    """Texts of these characters; the documented ones stand by themselves."""
    plain = [code for code in found if not documented(name, code)]
    return [(b"".join(plain[at:at + CHUNK]), False) for at in range(0, len(plain), CHUNK)] + [(code, True) for code in found if documented(name, code)] \
        + [(code, False) for code in plain if len(code) == 1]


@pytest.mark.parametrize("server", SERVERS)
def test_golden_table_of_single_byte_sets_is_the_servers(topology, server):
    source = topology(server, server, HARNESS_RULE, with_relay=False).source
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, letters = line.split("\t")
        utf8 = [f"CONVERT(_{name} x'{byte:02x}' USING utf8mb4)" for byte in range(256)]
        there = source.query("SELECT " + ", ".join(f"HEX({text})" for text in utf8))[0]
        back = source.query("SELECT " + ", ".join(f"HEX(CONVERT({text} USING {name}))" for text in utf8))[0]
        told = "".join(f"{ord(bytes.fromhex(there[byte]).decode()):04x}" if back[byte] == f"{byte:02X}" else "----" for byte in range(256))
        assert told == letters, name


@pytest.mark.parametrize("server", SERVERS)
def test_pseudonyms_agree_with_those_of_utf8mb4(topology, server, figure, monkeypatch):
    monkeypatch.setenv("PERSON_KEY", "0123456789abcdef0123456789abcdef")
    sets = [line.split("\t")[0] for line in GOLDEN.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    sets += [name for name in MULTI_BYTE if name != "gb18030" or server.startswith("mysql-9")]
    rules = '[defaults]\ntable = "deny"\n[keys]\nperson = { env = "PERSON_KEY" }\n' + HARNESS_RULE
    for name in sets:
        for table in (name, f"{name}_utf8"):
            rules += f'[[table]]\nname = "s.{table}"\n[table.columns]\nid = "keep"\nt = {{ action = "hash", key = "person" }}\n'
    top = topology(server, server, rules, with_relay=False)
    top.source.execute("CREATE DATABASE s", "SET SESSION sql_mode = ''")
    count, known = 0, {}
    for name in sets:
        texts = chunks(name, coming_back(top.source, name))
        known[name] = {at for at, (_, own) in enumerate(texts) if own}
        count += len(texts)
        key = " PRIMARY KEY" if name in MULTI_BYTE else ""  # without one the replica finds rows by their texts alone
        for table, character_set in ((name, name), (f"{name}_utf8", "utf8mb4")):
            top.source.execute(f"CREATE TABLE s.{table} (id INT{key}, t VARCHAR({CHUNK}) CHARACTER SET {character_set}) ENGINE=InnoDB")
        for at in range(0, len(texts), 500):
            top.source.execute(f"INSERT INTO s.{name} VALUES " + ", ".join(
                f"({at + i}, _{name} x'{text.hex()}')" for i, (text, _) in enumerate(texts[at:at + 500])))
        top.source.execute(f"INSERT INTO s.{name}_utf8 SELECT id, t FROM s.{name}")
    top.make_relay()
    top.follow()
    top.wait_caught_up(120)

    def differing(name):
        rows = top.replica.query(f"SELECT a.id FROM s.{name} a JOIN s.{name}_utf8 u USING (id) WHERE BINARY CONVERT(a.t USING utf8mb4) <> BINARY u.t")
        return {row[0] for row in rows} - known[name]

    assert not {name: len(rows) for name in sets if (rows := differing(name))}
    top.source.execute(*[f"UPDATE s.{table} SET t = CONCAT('a', LEFT(t, 9))" for name in sets for table in (name, f"{name}_utf8")])
    top.wait_caught_up(120)
    assert not {name: len(rows) for name in sets if (rows := differing(name))}
    figure("texts of every character of every set", count)


PATTERN = """
[[table]]
name = "s.t"
[table.columns]
swe7 = { action = "redact", patterns = ["/é/", "/Ü/"] }
keybcs2 = { action = "redact", patterns = ["/é/", "/Ü/"] }
geostd8 = { action = "redact", patterns = ["/გ/"] }
euckr = { action = "redact", patterns = ["/갂/"] }
"""


def test_own_patterns_see_the_characters_of_the_servers(topology):
    top = topology("mysql-9.7", "mysql-9.7", '[defaults]\ntable = "deny"\n' + HARNESS_RULE + PATTERN, with_relay=False)
    columns = ", ".join(f"{name} VARCHAR(20) CHARACTER SET {name}" for name in ("swe7", "keybcs2", "geostd8", "euckr"))
    top.source.execute("CREATE DATABASE s", f"CREATE TABLE s.t ({columns})", "INSERT INTO s.t VALUES ('Andrå é Ü$', 'Andrč é Ü', 'აბგ', '갂한')")
    top.make_relay()
    top.follow()
    top.wait_caught_up()
    assert top.replica.query("SELECT * FROM s.t") == [("Andrå * *$", "Andrč * *", "აბ*", "*한")]
