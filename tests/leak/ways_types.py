"""Ways of types: values that are not text, each searched for in the bytes that stand for it in a binary log, in a table's file and in words."""
import binascii
import datetime
import random
import re
import struct
import subprocess
import uuid
import zlib

from .way import LATE_MARIADB, MARIADB, MODERN, NEW, OLD, rows

_random = random.SystemRandom()


def typed(kind, make, **options):
    """A table with a dropped, a nulled and a constant column of the type; the value comes as `make() -> (SQL literal, forms)`, one for all
    settings, so that a search needs each only once."""
    literal, forms = make()

    def plant(stream, cursor):
        stream.needle(kind, *forms)
        stream.run(cursor, f"CREATE TABLE {{db}}.t (id INT PRIMARY KEY, kept INT, secret {kind}, nulled {kind})",
                   f"INSERT INTO {{db}}.t (id, kept, secret, nulled) VALUES (1, 2, {literal}, {literal})", "UPDATE {db}.t SET kept=3",
                   "UPDATE {db}.t SET secret=NULL, kept=4", "DELETE FROM {db}.t")

    return rows(f"type {kind}", plant=plant, **options)


def _big_integer(signed):
    def make():
        number = _random.randrange(1 << 60, 1 << 62)
        at_rest = number ^ (1 << 63) if signed else number  # InnoDB: big-endian, sign bit flipped
        return str(number), (struct.pack("<Q", number), struct.pack(">Q", number), struct.pack(">Q", at_rest), str(number).encode())

    return make


def _double():
    number = _random.uniform(1e100, 1e200)
    return repr(number), (struct.pack("<d", number), struct.pack(">d", number))


def _decimal():
    digits = "".join(_random.choice("123456789") for _ in range(36))
    text = f"{digits[:18]}.{digits[18:]}"
    groups = b"".join(struct.pack(">I", int(digits[at:at + 9])) for at in range(0, 36, 9))
    return text, (groups[4:], text.encode())  # the sign lies in the first group


def _bit():
    number = _random.randrange(1 << 62, 1 << 63)
    return f"b'{number:064b}'", (struct.pack(">Q", number), struct.pack("<Q", number), str(number).encode())


def _moment():
    return datetime.datetime(_random.randrange(1971, 2037), _random.randrange(1, 13), _random.randrange(1, 29), _random.randrange(3, 24),
                             _random.randrange(60), _random.randrange(60), _random.randrange(100000, 999999))


def _datetime():
    m = _moment()
    packed = (((m.year * 13 + m.month) << 5 | m.day) << 17 | m.hour << 12 | m.minute << 6 | m.second) + 0x8000000000  # my_datetime_packed_to_binary
    return f"'{m}'", (packed.to_bytes(5, "big") + m.microsecond.to_bytes(3, "big"), str(m).encode())


def _timestamp():
    m = _moment()
    seconds = int(m.replace(tzinfo=datetime.timezone.utc, microsecond=0).timestamp())
    return f"'{m}'", (struct.pack(">I", seconds) + m.microsecond.to_bytes(3, "big"), str(m).encode())


def _time():
    hour, minute, second, micro = _random.randrange(300, 838), _random.randrange(60), _random.randrange(60), _random.randrange(100000, 999999)
    packed = (hour << 12 | minute << 6 | second) + 0x800000  # my_time_packed_to_binary
    text = f"{hour}:{minute:02d}:{second:02d}.{micro:06d}"
    return f"'{text}'", (packed.to_bytes(3, "big") + micro.to_bytes(3, "big"), text.encode())


def _raw(size):
    def make():
        data = _random.randbytes(size).replace(b"\0", b"\1").replace(b" ", b"!")
        return f"X'{data.hex()}'", (data, data.hex().encode(), data.hex().upper().encode(), binascii.b2a_base64(data)[:size * 4 // 3 // 4 * 4])

    return make


def _uuid():
    value = uuid.UUID(bytes=_random.randbytes(15) + b"\x77")
    b = value.bytes
    return f"'{value}'", (b, b[10:] + b[8:10] + b[6:8] + b[4:6] + b[:4], str(value).encode())  # in rows as text has it, in tables by node first


def _inet6():
    data = b"\x20\x01" + _random.randbytes(13) + b"\x77"
    return f"INET6_NTOA(X'{data.hex()}')", (data,)


def _point(parse):
    def make():
        x, y = (round(_random.uniform(10, 80), 9) for _ in range(2))
        return f"{parse}('POINT({x!r} {y!r})')", (struct.pack("<d", x), struct.pack("<d", y), repr(x).encode(), repr(y).encode())

    return make


def _vector(parse):
    def make():
        floats = [struct.unpack("<f", struct.pack("<f", _random.uniform(1, 1000)))[0] for _ in range(4)]
        packed = b"".join(struct.pack("<f", number) for number in floats)
        return f"{parse}('[{','.join(repr(number) for number in floats)}]')", (packed, packed[4:12])

    return make


def _small(stream, cursor):
    """Types too small to be told from chance, side by side: four numbers, a date, a year, as one string of bytes."""
    rnd = random.Random(stream.canaries.stem)
    a, b, c, d = rnd.randrange(1 << 30), rnd.randrange(1 << 22), rnd.randrange(1 << 14), rnd.randrange(100)
    y, m, day, f = rnd.randrange(1950, 2000), rnd.randrange(1, 13), rnd.randrange(1, 29), struct.pack("<f", rnd.random())
    date = (y << 9 | m << 5 | day).to_bytes(3, "little")
    row = struct.pack("<i", a) + b.to_bytes(3, "little") + struct.pack("<hb", c, d) + date + bytes([y - 1900]) + f
    at_rest = struct.pack(">I", a ^ 1 << 31) + (b ^ 1 << 23).to_bytes(3, "big") + struct.pack(">HB", c ^ 1 << 15, d ^ 1 << 7)
    stream.needle("INT, MEDIUMINT, SMALLINT, TINYINT, DATE, YEAR, FLOAT", row, at_rest)
    stream.run(cursor,
    "CREATE TABLE {db}.t (id INT PRIMARY KEY, s1 INT, s2 MEDIUMINT, s3 SMALLINT, s4 TINYINT, s5 DATE, s6 YEAR, s7 FLOAT, kept INT)",
               f"INSERT INTO {{db}}.t VALUES (1,{a},{b},{c},{d},'{y}-{m}-{day}',{y},{struct.unpack('<f', f)[0]!r},5)", "UPDATE {db}.t SET kept=6")


def _row_hash(stream, cursor):
    """The hidden column's value as the server's own reader shows it: the last cell of the row."""
    stream.run(cursor, "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret TEXT, kept INT, UNIQUE KEY u (secret))",
    "INSERT INTO {db}.t VALUES (1,'{c}',2)")
    cursor.execute("SHOW MASTER STATUS")
    file = stream.server.binlog_dir / cursor.fetchone()[0]
    shown = subprocess.run([stream.server.client_path, "--verbose", "--base64-output=DECODE-ROWS", f"--start-position={stream.start[1]}", file],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout.decode(errors="replace")
    number = int(re.findall(r"###   @4=(-?\d+)", shown)[-1]) % (1 << 64)
    stream.needle(f"hash {stream.number}", struct.pack("<Q", number), struct.pack(">Q", number))


def _compressed_column(kind):
    def plant(stream, cursor):
        token = stream.canaries.text() * 20
        stream.needle(f"compressed {stream.number}", zlib.compress(token.encode(), 6)[2:-4])  # as raw deflate
        stream.run(cursor, f"CREATE TABLE {{db}}.t (id INT PRIMARY KEY, secret {kind} COMPRESSED, kept INT)",
                   f"INSERT INTO {{db}}.t VALUES (1,'{token}',2)", "UPDATE {db}.t SET kept=3", "DELETE FROM {db}.t")

    return rows(f"type {kind} COMPRESSED", plant=plant, on=MARIADB)


def charset(name, **options):
    return rows(f"text in {name}",
    f"CREATE TABLE {{db}}.t (id INT PRIMARY KEY, secret VARCHAR(60) CHARACTER SET {name}, kept INT, nulled TEXT CHARACTER SET {name})",
                "INSERT INTO {db}.t VALUES (1,'{c}',2,'{c}')", "UPDATE {db}.t SET secret='{c}', kept=3", **options)


_JSON = "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret JSON, kept INT, nulled JSON)"
_MEMBERS = "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret %s('{c}','{c}'), kept INT)"

WAYS = [
    typed("BIGINT", _big_integer(True)), typed("BIGINT UNSIGNED", _big_integer(False)), typed("DOUBLE", _double), typed("DECIMAL(36,18)", _decimal),
    typed("BIT(64)", _bit), typed("DATETIME(6)", _datetime), typed("TIMESTAMP(6) NULL", _timestamp), typed("TIME(6)", _time),
    typed("BINARY(20)", _raw(20)), typed("VARBINARY(300)", _raw(30)), typed("TINYBLOB", _raw(30)), typed("MEDIUMBLOB", _raw(300)), typed("LONGBLOB",
          _raw(3000)),
    typed("POINT", _point("ST_GeomFromText"), on=MODERN), typed("GEOMETRY", _point("GeomFromText"), on=OLD),
    typed("VECTOR(4)", _vector("TO_VECTOR"), on=NEW), typed("VECTOR(4) ", _vector("VEC_FromText"), on=("mariadb-11.8",)),
    typed("UUID", _uuid, on=LATE_MARIADB), typed("INET6", _inet6, on=MARIADB),
    rows("small types side by side", plant=_small),
    rows("hidden hash of a unique TEXT", plant=_row_hash, on=MARIADB),
    _compressed_column("VARCHAR(1000)"), _compressed_column("TEXT"), _compressed_column("LONGBLOB"),
    rows("types TINYTEXT to LONGTEXT",
         "CREATE TABLE {db}.t (id INT PRIMARY KEY, a TINYTEXT, b TEXT, c MEDIUMTEXT, d LONGTEXT, kept INT, nulled CHAR(40))",
         "INSERT INTO {db}.t VALUES (1,'{c}','{c}',REPEAT('{c}',200),'{c}',2,'{c}')", "UPDATE {db}.t SET kept=3",
         "UPDATE {db}.t SET a='{c}', d='{c}'"),
    charset("latin1"), charset("utf8mb4"), charset("utf16"), charset("ucs2"), charset("utf32"), charset("utf16le"),
    rows("JSON: values and keys", _JSON, "INSERT INTO {db}.t VALUES (1,'{\"{c}\": \"{c}\", \"a\": [1, \"{c}\"]}',2,'[\"{c}\"]')",
         "UPDATE {db}.t SET secret='{\"{c}\": 1}'", "UPDATE {db}.t SET kept=3", "DELETE FROM {db}.t", on=MODERN),
    rows("JSON: partial update, value and path", _JSON,
         "INSERT INTO {db}.t VALUES (1,'{\"a\": \"{c}\", \"{c}\": {\"b\": 1}, \"s\": [1]}',2,'{\"k\": \"{c}\"}')",
         "SET SESSION binlog_row_value_options=PARTIAL_JSON", "UPDATE {db}.t SET secret=JSON_SET(secret, '$.a', '{c}', '$.{2}.c', '{c}')",
         "UPDATE {db}.t SET secret=JSON_REMOVE(secret, '$.{2}.b'), nulled=JSON_SET(nulled, '$.k', '{c}'), kept=8",
         "UPDATE {db}.t SET kept=9", on=NEW),
    rows("JSON: partial update of a nulled column only", _JSON, "INSERT INTO {db}.t VALUES (1,NULL,2,'{\"k\": \"{c}\"}')",
         "SET SESSION binlog_row_value_options=PARTIAL_JSON", "UPDATE {db}.t SET nulled=JSON_SET(nulled, '$.k', '{c}', '$.{c}', 1)", on=NEW),
    rows("JSON: partial update in a denied table", "CREATE TABLE {hid}.t (id INT PRIMARY KEY, secret JSON)",
         "INSERT INTO {hid}.t VALUES (1,'{\"a\": \"{c}\"}')",
         "SET SESSION binlog_row_value_options=PARTIAL_JSON", "UPDATE {hid}.t SET secret=JSON_SET(secret, '$.a', '{c}')", on=NEW),
    rows("ENUM members of a dropped column", _MEMBERS % "ENUM", "INSERT INTO {db}.t VALUES (1,'{1}',2)", "UPDATE {db}.t SET secret='{2}', kept=3"),
    rows("SET members of a dropped column", _MEMBERS % "SET", "INSERT INTO {db}.t VALUES (1,'{1},{2}',2)", "UPDATE {db}.t SET secret='{2}', kept=3"),
    rows("ENUM members of a denied table", "CREATE TABLE {hid}.t (id INT PRIMARY KEY, e ENUM('{c}','{c}'))", "INSERT INTO {hid}.t VALUES (1,'{1}')"),
    rows("name of a dropped column", "CREATE TABLE {db}.t (id INT PRIMARY KEY, {n} VARCHAR(60), kept INT)", "INSERT INTO {db}.t VALUES (1,'{c}',2)"),
    rows("name of a denied table and its columns", "CREATE TABLE {hid}.{n} (id INT PRIMARY KEY, {n} VARCHAR(60))",
         "INSERT INTO {hid}.{1} VALUES (1,'{c}')",
         "DELETE FROM {hid}.{1}"),
    rows("old temporal types", "SET GLOBAL mysql56_temporal_format=OFF",
         "CREATE TABLE {db}.t (id INT PRIMARY KEY, s1 TIME(6), s2 DATETIME(6), s3 TIMESTAMP(6) NULL, secret TEXT, kept INT)",
         "SET GLOBAL mysql56_temporal_format=ON", "INSERT INTO {db}.t VALUES (1,'11:22:33.4','2001-02-03 04:05:06','2003-04-05 06:07:08','{c}',2)",
         "UPDATE {db}.t SET kept=3", on=MARIADB),
]
