"""The action `json` on real servers: what the replica has is what a plain reading of the paths leaves of the source's documents, as
MySQL's binary JSON, MariaDB's text and JSON in text columns; nothing of what is taken out is in the spool."""
import json
import pathlib
import random
import re

import pytest

from support.topology import HARNESS_RULE

SERVERS = ["mysql-9.7", "mariadb-10.11", "mysql-5.6"]
LEAK = "L3AK"
# (column, which, paths)
RULES = [("kept", "keep", ["$.name", "$.orders[*].id", '$."two words"', "$.at[1]", "$.*.sum"]),
         ("removed", "remove", ["$.ssn", "$.orders[*].card", "$**.secret", "$.at[0]", "$.a.b.c"]),
         ("strict", "keep", ["$.name"]),
         ("whole", "keep", ["$.*"])]


def rules_text():
    columns = "".join(f"{column} = {{ action = \"json\", {which} = {json.dumps(paths)} }}\n" for column, which, paths in RULES)
    return ('[defaults]\ntable = "deny"\n' + HARNESS_RULE + '[[table]]\nname = "j.*"\n[table.columns]\nid = "keep"\n'
            'n = "keep"\n' + columns)


# What the paths mean, said plainly. An object is a list of pairs, so that names may come twice; numbers are their text.
class Members(list):
    pass


def loads(text):
    return json.loads(text, object_pairs_hook=Members, parse_float=str, parse_int=int)


def legs_of(path):
    legs, at = [], 1
    while at < len(path):
        if path.startswith("**", at):
            legs.append(("**", None))
            at += 2
        elif path.startswith(".*", at) or path.startswith("[*]", at):
            legs.append((".", None) if path[at] == "." else ("[", None))
            at += 2 if path[at] == "." else 3
        elif path[at] == "[":
            end = path.index("]", at)
            legs.append(("[", int(path[at + 1:end])))
            at = end + 1
        elif path.startswith('."', at):
            end = path.index('"', at + 2)
            legs.append((".", path[at + 2:end]))
            at = end + 1
        else:
            end = min([path.find(sign, at + 1) for sign in ".[*" if path.find(sign, at + 1) > 0], default=len(path))
            legs.append((".", path[at + 1:end]))
            at = end
    return legs


GONE = object()


def children(value):
    return [(".", name, child) for name, child in value] if isinstance(value, Members) else [("[", at, child) for at, child in enumerate(value)]


def again(value, parts):
    return Members((name, child) for _, name, child in parts if child is not GONE) if isinstance(value, Members) else \
        [child for _, _, child in parts if child is not GONE]


def kept(value, rests):
    if any(not rest for rest in rests):
        return value
    if not rests or not isinstance(value, list):
        return GONE
    return again(value, [(kind, name, kept(child, [rest[1:] for rest in rests if rest[0][0] == kind and rest[0][1] in (None, name)]))
                         for kind, name, child in children(value)])


def removed(value, rests):
    rests = list(rests)
    for rest in rests:  # grows: ** is no step too, and what is no array is one element
        if not rest:
            return GONE
        if rest[0][0] == "**" and rest[1:] not in rests:
            rests.append(rest[1:])
        if rest[0][0] == "[" and rest[0][1] in (None, 0) and (isinstance(value, Members) or not isinstance(value, list)) and rest[1:] not in rests:
            rests.append(rest[1:])
    if not isinstance(value, list):
        return value

    def on(kind, name):
        for rest in rests:
            if rest[0][0] == "**" or (kind == "[" and rest[0][0] == "."):
                yield rest
            elif rest[0][0] == kind and rest[0][1] in (None, name):
                yield rest[1:]
    return again(value, [(kind, name, removed(child, list(on(kind, name)))) for kind, name, child in children(value)])


def reference(text, which, paths):
    if text is None:
        return None
    try:
        value = loads(text)
    except ValueError:
        return None if text is None else "no JSON"
    made = (kept if which == "keep" else removed)(value, [legs_of(path) for path in paths])
    return loads("null") if made is GONE else made


def token(rnd):
    return f"{LEAK}{rnd.randrange(10 ** 9):09d}"


def value(rnd, depth=2):
    kind = rnd.randrange(9 if depth else 6)
    if kind < 6:
        return [None, True, rnd.randrange(-10 ** rnd.randint(1, 18), 10 ** rnd.randint(1, 18)), rnd.random(), "æøå 日本 \U0001f600 \"\\\n", "x" * rnd.randrange(300)][kind]
    if kind == 6:
        return [value(rnd, depth - 1) for _ in range(rnd.randrange(4))]
    return {rnd.choice(["a", "b", "name", "two words", "æ", ""]): value(rnd, depth - 1) for _ in range(rnd.randrange(5))}


def documents(rnd, count):
    """(which column, text): LEAK stands only where that column's rule takes it out."""
    made = []
    for _ in range(count):
        orders = [{"id": rnd.randrange(10 ** 6), "card": token(rnd), "x": value(rnd)} for _ in range(rnd.randrange(4))]
        made.append(("removed", {"ssn": {"n": token(rnd)}, "orders": orders if rnd.random() < 0.7 else (orders or [{}])[0], "a": {"b": {"c": token(rnd), "d": value(rnd)}},
                                 "at": [token(rnd), 2, value(rnd)], "deep": [[{"secret": token(rnd), "x": 1}], value(rnd)], "x": value(rnd)}))
        made.append(("kept", {"name": value(rnd), "ssn": token(rnd), token(rnd): token(rnd), "orders": [dict(order, x=token(rnd)) for order in orders], "two words": value(rnd),
                              "at": [token(rnd), value(rnd), token(rnd)], "box": {"sum": value(rnd), "x": [token(rnd)]}}))
        made.append(("strict", rnd.choice([token(rnd), [token(rnd)], {"a": token(rnd)}, 7, None, {"name": value(rnd), "b": [[token(rnd)]]}])))
        made.append(("whole", {f"m{at}": value(rnd) for at in range(rnd.randrange(4))}))
    # Larger than what the small form of a document holds, by bytes and by members; and what becomes small.
    numbers = [rnd.randrange(-2 ** 31, 2 ** 31) for _ in range(15_000)]
    made += [("removed", {"ssn": token(rnd) * 8000, "orders": [{"id": n, "card": token(rnd)} for n in range(3000)], "x": -1, "y": 70000}),
             ("removed", {"x": "y" * 70_000, "ssn": token(rnd), "small": -2, "n": [-3, 3, 40000, 70000, -70000, True, None]}),
             ("removed", {**{f"k{n}": n for n in range(300)}, "ssn": token(rnd)}), ("removed", {"x": numbers, "ssn": token(rnd), "secret": 1}),
             ("removed", [numbers, {"secret": token(rnd)}]), ("kept", {"orders": [{"id": -n, "x": token(rnd)} for n in range(5000)]}),
             ("kept", {"name": [numbers, "z" * 66_000], token(rnd): 0}), ("whole", {f"k{n}": [n, str(n)] for n in range(20_000)}),
             ("whole", {"x": numbers[:9362]}), ("whole", {"x": "y" * 70_000, "n": [-1, 65535, 65536, -32769]}), ("strict", {"name": "n", "x": [token(rnd)] * 9000})]
    return made


def literal(text):
    return f"CONVERT(0x{text.encode().hex()} USING utf8mb4)" if text else "''"


def create(server):
    text = "LONGTEXT CHARACTER SET utf8mb4"
    declared = "JSON" if server != "mysql-5.6" else text
    columns = ", ".join(f"{column} {declared}{' NOT NULL' if column == 'strict' else ''}" for column, *_ in RULES)
    rows = ["CREATE DATABASE j DEFAULT CHARACTER SET utf8mb4", f"CREATE TABLE j.docs (id INT NOT NULL PRIMARY KEY, n INT, {columns}) ENGINE=InnoDB",
            f"CREATE TABLE j.nokey (id INT, n INT, {columns}) ENGINE=InnoDB",
            f"CREATE TABLE j.texts (id INT NOT NULL PRIMARY KEY, n INT, kept {text}, removed MEDIUMTEXT CHARACTER SET latin1, strict VARCHAR(200) CHARACTER SET utf16 NOT NULL, "
            "whole VARCHAR(200) CHARACTER SET cp932) ENGINE=InnoDB"]
    return rows


def insert(top, table, number, column, text):
    names = ["id", "n", column] + (["strict"] if column != "strict" else [])
    values = [str(number), "0", literal(text)] + (["'{}'"] if column != "strict" else [])
    top.source.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(values)})")


def assert_same(top, table):
    columns = ", ".join(f"CAST(CONVERT({column} USING utf8mb4) AS CHAR CHARACTER SET utf8mb4)" for column, *_ in RULES)
    ask = f"SELECT id, n, {columns} FROM {table}"
    # Sorted here: large documents do not fit the servers' sort buffers.
    source, replica = (sorted(each.query(ask), key=lambda row: (row[0], row[1] is None, row[1] or 0)) for each in (top.source, top.replica))
    assert len(source) == len(replica)
    for there, here in zip(source, replica):
        assert there[:2] == here[:2]
        for (column, which, paths), before, after in zip(RULES, there[2:], here[2:]):
            wanted = reference(before, which, paths)
            if wanted == "no JSON":
                assert after == "null", (table, there[0], column)
            else:
                assert (after is None) == (before is None) and (before is None or loads(after) == wanted), (table, there[0], column)


def assert_nothing_left(top):
    found = [str(file) for folder in (top.relay.spool, top.replica.data_dir) for file in pathlib.Path(folder).rglob("*")
             if file.is_file() and LEAK.encode() in file.read_bytes()]
    assert not found
    assert LEAK not in top.relay.log_text()
    assert any(LEAK.encode() in file.read_bytes() for file in top.source.binlog_files())


TEXTS = ['{"ssn":"L3AK1","\\u0073sn":"L3AK2","s\\u0073n":["L3AK3"],"x":1.10,"ssn":{"y":"L3AK4"},"SSN":12345678901234567890123}',
         '  { "x" : [ ] , "ssn" : "L3AK" , "x" : { } }  ', 'L3AK ingen JSON', '{"x":1,"ssn":"L3AK"', '', '[{"secret":"L3AK","x":"é"}]', '"é"',
         '{"orders":{"card":"L3AK","id":1},"at":"L3AK"}']


@pytest.mark.parametrize("server", SERVERS)
def test_the_replica_has_what_the_paths_leave(topology, server):
    rnd = random.Random(server)
    top = topology(server, server, rules_text(), with_relay=False, settings={"spool.prove": True})
    top.source.execute(*create(server))
    made = documents(rnd, 15)
    for number, (column, document) in enumerate(made[::2]):
        insert(top, "j.docs", number, column, json.dumps(document, ensure_ascii=rnd.random() < 0.5, indent=rnd.choice([None, 1])))
    top.make_relay()
    top.follow()
    for number, (column, document) in enumerate(made[1::2]):
        insert(top, "j.docs", 1000 + number, column, json.dumps(document, ensure_ascii=rnd.random() < 0.5))
    for number, (column, document) in enumerate(rnd.sample(made, 30)):
        insert(top, "j.nokey", number, column, json.dumps(document, ensure_ascii=False))
    for number, text in enumerate(TEXTS):
        insert(top, "j.texts", number, "removed", text)
        top.source.execute(f"UPDATE j.texts SET kept = {literal(json.dumps({'b': 'L3AK', 'name': [number, 'é']}))}, strict = {literal(json.dumps({'name': '日', 'x': 'L3AK'}))}, "
                           f"""whole = {literal('{"表": "ソ", "a": {"表": [1, 2]}}')} WHERE id = {number}""")
    # Rows are found again by what the replica has: before images, with a key and without one.
    top.source.execute("UPDATE j.docs SET n = n + 1", "UPDATE j.nokey SET n = n + 1 WHERE id % 3 = 0", "DELETE FROM j.nokey WHERE id % 3 = 1",
                       "DELETE FROM j.docs WHERE id % 7 = 3")
    for number in rnd.sample(range(1, 20), 8):
        column, document = rnd.choice(made)
        top.source.execute(f"UPDATE j.nokey SET {column} = {literal(json.dumps(document))} WHERE id = {number}")
    top.wait_caught_up(120)
    for table in ("j.docs", "j.nokey", "j.texts"):
        assert_same(top, table)
    if server != "mysql-5.6":
        valid = " + ".join(f"SUM(JSON_VALID({column}) = 0)" for column, *_ in RULES)
        for table in ("j.docs", "j.nokey", "j.texts"):
            assert top.replica.value(f"SELECT COALESCE({valid}, 0) FROM {table}") == 0, table
    assert_nothing_left(top)
    top.relay.assert_healthy()


OPAQUE = ("JSON_OBJECT('name', CAST(123456789.125 AS DECIMAL(30,10)), 'x', 'L3AK', 'orders', JSON_ARRAY(JSON_OBJECT('id', CAST('2024-02-29 12:13:14.123456' AS DATETIME(6)), 'card', 'L3AK')), "
          "'two words', JSON_ARRAY(CAST('2024-02-29' AS DATE), CAST('-838:59:59' AS TIME), b'101', CAST(0x00ff10 AS BINARY), ST_PointFromText('POINT(1 2)'), "
          "CAST(18446744073709551615 AS UNSIGNED), -1, -32769, 65536, 1e300))")


def rows_bodies(files):
    """What stands behind the table id of the events that write rows."""
    bodies = []
    for file in files:
        data, at = pathlib.Path(file).read_bytes(), 4
        while at + 19 <= len(data):
            size = int.from_bytes(data[at + 9:at + 13], "little")
            if size < 19:
                break
            if data[at + 4] == 30:
                body = bytearray(data[at + 19 + 10:at + size - 4])
                body[1] &= 0x3f  # of six columns; the server sets the bits beyond them, the relay clears them
                bodies.append(bytes(body))
            at += size
    return bodies


def test_binary_documents_stay_as_the_server_has_them(topology):
    top = topology("mysql-9.7", "mysql-9.7", rules_text(), with_relay=False, settings={"spool.prove": True})
    top.source.execute(*create("mysql-9.7"))
    top.make_relay()
    top.follow()
    top.source.execute(f"INSERT INTO j.docs (id, kept, strict) VALUES (1, {OPAQUE}, JSON_ARRAY(1))")
    rnd = random.Random(3)
    for number, (_, document) in enumerate([made for made in documents(rnd, 40) if made[0] == "whole"]):
        top.source.execute(f"INSERT INTO j.docs (id, whole, strict) VALUES ({100 + number}, {literal(json.dumps(document))}, '{{}}')")
    top.source.execute(f"INSERT INTO j.docs (id, whole, strict) VALUES (99, {OPAQUE.replace('L3AK', 'fine')}, '{{}}')")
    top.wait_caught_up(120)
    assert_same(top, "j.docs")
    types = ", ".join(f"JSON_TYPE(kept->'{path}')" for path in ("$.name", "$.orders[0].id", *(f'$."two words"[{at}]' for at in range(10))))
    ask = f"SELECT {types}, JSON_STORAGE_SIZE(whole) FROM j.docs WHERE id IN (1, 99) ORDER BY id"
    assert [row[:12] for row in top.source.query(ask)][0] == [row[:12] for row in top.replica.query(ask)][0]
    assert top.source.query(ask)[0][:2] == ("DECIMAL", "DATETIME")
    # Where every member is kept, the document leaves in the very bytes in which the server wrote it.
    there = [body for body in rows_bodies(top.source.binlog_files()) if b"k19999" in body or b"m0" in body or b"fine" in body or b"\x0c" in body and b"yyyyyyyy" in body]
    here = set(rows_bodies(top.relay.spool_files()))
    assert len(there) > 20 and all(body in here for body in there)
    assert_nothing_left(top)


PARTIAL = ["UPDATE j.docs SET removed = JSON_SET(removed, '$.ssn', 'L3AK1', '$.x', 'new') WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_REPLACE(removed, '$.ssn', JSON_OBJECT('L3AK', 1), '$.orders[1].card', 'L3AK', '$.x', 'a') WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_SET(removed, '$.fresh', JSON_OBJECT('secret', 'L3AK', 'y', 1)) WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_REMOVE(removed, '$.orders[0]', '$.at[0]') WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_SET(removed, '$.at[0]', 'L3AK', '$.at[7]', 'last', '$.\"a \\\\\" b\"', 5) WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_ARRAY_INSERT(removed, '$.orders[0]', JSON_OBJECT('card', 'L3AK', 'id', 9)), kept = JSON_SET(kept, '$.name', 'other', '$.ssn', 'L3AK') WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_REPLACE(removed, '$.orders[last]', JSON_OBJECT('card', 'L3AK', 'z', 3)) WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_ARRAY_INSERT(removed, '$.orders[last-9]', 'front') WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_REMOVE(removed, '$.orders[last-1]') WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_REPLACE(removed, '$.none', 'L3AK'), n = 5 WHERE id = 1",
           "UPDATE j.docs SET removed = JSON_ARRAY_APPEND(removed, '$.orders', 'tail'), strict = JSON_REPLACE(strict, '$.b', 'L3AK') WHERE id = 1"]


def test_partial_updates_leave_as_whole_ones(topology):
    top = topology("mysql-9.7", "mysql-9.7", rules_text(), with_relay=False, settings={"spool.prove": True})
    top.source.execute(*create("mysql-9.7"))
    document = {"ssn": "L3AK" * 20, "orders": [{"id": 1, "card": "L3AK"}, {"id": 2, "card": "L3AK"}], "x": "old value that is long", "at": ["L3AK", 2], "big": "b" * 2000}
    for number in (1, 2):
        top.source.execute(f"INSERT INTO j.docs (id, removed, kept, strict) VALUES ({number}, {literal(json.dumps(document))}, "
                           f"{literal(json.dumps({'name': 'n' * 50, 'ssn': 'L3AK', 'pad': 'p' * 500}))}, '{{\"name\": \"n\", \"b\": \"L3AKL3AKL3AK\"}}')")
    top.make_relay()
    top.follow()
    for statement in PARTIAL:
        top.source.execute("SET SESSION binlog_row_value_options = 'PARTIAL_JSON'", statement)
        top.wait_caught_up()
        assert_same(top, "j.docs")
    assert partial_events(top.source.binlog_files()) >= 5
    top.source.execute("UPDATE j.docs SET removed = JSON_REPLACE(removed, '$.ssn', 'L3AK', '$.x', 's') WHERE id = 2")
    # What was changed where it lies has gaps, in which the old value is still to be read; they do not leave.
    assert top.source.value("SELECT MAX(JSON_STORAGE_FREE(removed)) FROM j.docs") > 0
    top.source.execute("UPDATE j.docs SET n = n + 1", "DELETE FROM j.docs WHERE id = 1")
    top.wait_caught_up()
    assert_same(top, "j.docs")
    assert_nothing_left(top)


def partial_events(files):
    count = 0
    for file in files:
        data, at = pathlib.Path(file).read_bytes(), 4
        while at + 19 <= len(data):
            size = int.from_bytes(data[at + 9:at + 13], "little")
            if size < 19:
                break
            count += data[at + 4] == 39
            at += size
    return count


def test_check_says_what_leaves_and_what_does_not_fit(topology):
    rules = ('[defaults]\ntable = "deny"\n' + HARNESS_RULE + '[[table]]\nname = "j.t"\n[table.columns]\nid = "keep"\n'
             'd = { action = "json", keep = ["$.a", "$.b[*].c"] }\nnumber = { action = "json", remove = ["$.a"] }\n'
             'bytes = { action = "json", remove = ["$.a"] }\n')
    top = topology("mysql-9.7", "mysql-9.7", rules, with_relay=False)
    top.source.execute("CREATE DATABASE j", "CREATE TABLE j.t (id INT PRIMARY KEY, d JSON, number INT, bytes BLOB, "
                       "a VARCHAR(20) AS (d->>'$.a'), UNIQUE KEY by_b ((CAST(d->>'$.b' AS CHAR(20)))))")
    code, printed = top.make_relay(start=False).check()
    assert code != 0
    assert "json (keep $.a, $.b[*].c)" in printed
    assert "column number: the action makes no sense for the column's type" in printed
    assert "column bytes: the action makes no sense for the column's type" in printed
    assert "the unique key by_b will be missing" in printed
    assert re.search(r"a +varchar\(20\) +drop", printed), printed
