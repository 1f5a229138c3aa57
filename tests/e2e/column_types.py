"""Every column type of every server, each with a maker of random literals that reaches its edges."""
import random

_WORDS = ["", " ", "a", "abc ", "It''s", "x" * 40, "\u00e6\u00f8\u00e5", "\u20ac", "0", "NULL", "\\\\", "%_"]


def _number(low, high):
    return lambda rnd: str(rnd.choice([low, high, 0, 1, high - 1, rnd.randint(low, high)]))


def _decimal(precision, scale, signed=True):
    def make(rnd):
        digits = "".join(rnd.choice("0123456789") for _ in range(precision)) if rnd.random() < 0.7 else rnd.choice("09") * precision
        text = digits[:precision - scale] or "0"
        text += "." + digits[precision - scale:] if scale else ""
        return ("-" if signed and rnd.random() < 0.5 else "") + text

    return make


def _text(longest, narrow=False):
    def make(rnd):
        word = rnd.choice(_WORDS + ["y" * longest, "z" * min(longest, 255), "w" * min(longest, 256)])
        if narrow:
            word = word.replace("\u20ac", "e")
        return "'" + word[:longest].rstrip("\\'") + "'"

    return make


def _bytes(longest, fixed=False):
    def make(rnd):
        size = rnd.choice([0, 1, longest, rnd.randint(0, longest)])
        data = bytes(rnd.choice([0, 0xff, 0x20, rnd.randrange(256)]) for _ in range(size))
        return f"X'{data.hex()}'"

    return make


def _fraction(rnd, digits):
    return "" if not digits else "." + "".join(rnd.choice("0123456789") for _ in range(digits))


def _date(rnd):
    return rnd.choice(["1000-01-01", "9999-12-31", "2024-02-29", f"{rnd.randint(1000, 9999)}-{rnd.randint(1, 12):02d}-{rnd.randint(1, 28):02d}"])


def _time(digits):
    def make(rnd):
        hours = rnd.choice([0, 838, 24, rnd.randint(0, 837)])
        rest = "59:59" if hours == 838 else f"{rnd.randint(0, 59):02d}:{rnd.randint(0, 59):02d}"
        fraction = "" if hours == 838 else _fraction(rnd, digits)
        return f"'{rnd.choice(['', '-'])}{hours:02d}:{rest}{fraction}'"

    return make


def _datetime(digits):
    return lambda rnd: f"'{_date(rnd)} {rnd.randint(0, 23):02d}:{rnd.randint(0, 59):02d}:{rnd.randint(0, 59):02d}{_fraction(rnd, digits)}'"


def _timestamp(digits):
    return lambda rnd: (f"'{rnd.randint(1971, 2037)}-{rnd.randint(1, 12):02d}-{rnd.randint(1, 28):02d} "
                        f"{rnd.randint(4, 23):02d}:{rnd.randint(0, 59):02d}:{rnd.randint(0, 59):02d}{_fraction(rnd, digits)}'")


def _float(small):
    edges = ["0e0", "-0e0", "1e0", "0.1", "-3.4e38", "1.17549435e-38"] + ([] if small else ["1.7976931348623157e308", "5e-324", "-2.5e-300"])
    return lambda rnd: rnd.choice(edges + [repr(rnd.uniform(-1e6, 1e6))])


def _members(count):
    return ",".join(f"'m{number}'" for number in range(count))


def _set_value(count):
    return lambda rnd: "'" + ",".join(f"m{n}" for n in range(count) if rnd.random() < 0.3) + "'"


def _enum_value(count):
    return lambda rnd: f"'m{rnd.randrange(count)}'"


def _bit(bits):
    return lambda rnd: "b'" + "".join(rnd.choice("01") for _ in range(bits)) + "'"


def _shape(kind, parse="ST_GeomFromText"):
    def make(rnd):
        x, y, z = (rnd.randint(-90, 90) for _ in range(3))
        texts = {"POINT": f"POINT({x} {y})", "LINESTRING": f"LINESTRING({x} {y},{y} {z},1 1)",
                 "POLYGON": f"POLYGON((0 0,{abs(x) + 1} 0,0 {abs(y) + 1},0 0))", "MULTIPOINT": f"MULTIPOINT({x} {y},{z} {x})",
                 "GEOMETRYCOLLECTION": f"GEOMETRYCOLLECTION(POINT({x} {y}),LINESTRING(0 0,{y} 1))"}
        return f"{parse}('{texts['POINT' if kind == 'GEOMETRY' else kind]}')"

    return make


def _json(rnd):
    return rnd.choice(["'{}'", "'[]'", "'null'", "'\"x\"'", "'12345678901'", "'-1.5e10'", "'true'",
                       "'{\"a\": [1, {\"b\": \"\u00e5\"}], \"long\": \"" + "q" * rnd.choice([10, 130, 70000]) + "\"}'",
                       "'[" + ",".join(str(n) for n in range(rnd.choice([3, 400]))) + "]'"])


def _common():
    types = [(f"{name}{sign}", _number(*limits)) for name, bits in
             (("TINYINT", 8), ("SMALLINT", 16), ("MEDIUMINT", 24), ("INT", 32), ("BIGINT", 64))
             for sign, limits in (("", (-(1 << bits - 1), (1 << bits - 1) - 1)), (" UNSIGNED", (0, (1 << bits) - 1)))]
    types += [("BOOLEAN", _number(0, 1)), ("YEAR", _number(1901, 2155)), ("FLOAT", _float(True)), ("DOUBLE", _float(False)),
              ("FLOAT(9,3)", lambda rnd: repr(round(rnd.uniform(-99999, 99999), 3)))]
    types += [(f"DECIMAL({p},{s})", _decimal(p, s)) for p, s in ((1, 0), (9, 0), (10, 2), (18, 9), (65, 30), (30, 30), (65, 0), (19, 10))]
    types += [("DECIMAL(12,3) UNSIGNED", _decimal(12, 3, signed=False))]
    types += [(f"BIT({bits})", _bit(bits)) for bits in (1, 7, 8, 9, 33, 64)]
    types += [("DATE", lambda rnd: f"'{_date(rnd)}'"), ("TIME", _time(0)), ("DATETIME", _datetime(0)), ("TIMESTAMP NULL", _timestamp(0))]
    types += [(f"{name}({digits}){null}", make(digits)) for digits in (1, 2, 3, 4, 5, 6)
              for name, null, make in (("TIME", "", _time), ("DATETIME", "", _datetime), ("TIMESTAMP", " NULL", _timestamp))]
    types += [("CHAR(1)", _text(1)), ("CHAR(30) CHARACTER SET latin1", _text(30, True)), ("CHAR(255) CHARACTER SET utf8mb4", _text(255)),
              ("CHAR(100) CHARACTER SET ucs2", _text(100)), ("VARCHAR(10)", _text(10)), ("VARCHAR(255) CHARACTER SET latin1", _text(255, True)),
              ("VARCHAR(256) CHARACTER SET latin1", _text(256, True)), ("VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", _text(300)),
              ("VARCHAR(90) CHARACTER SET utf16", _text(90)), ("BINARY(1)", _bytes(1)), ("BINARY(20)", _bytes(20)),
              ("VARBINARY(255)", _bytes(255)), ("VARBINARY(400)", _bytes(400))]
    types += [(f"{size}TEXT", _text(200)) for size in ("TINY", "", "MEDIUM", "LONG")] + [("TEXT CHARACTER SET utf16", _text(100))]
    types += [(f"{size}BLOB", _bytes(250)) for size in ("TINY", "", "MEDIUM", "LONG")]
    types += [(f"ENUM({_members(n)})", _enum_value(n)) for n in (1, 3, 300)]
    types += [(f"SET({_members(n)})", _set_value(n)) for n in (1, 8, 9, 17, 33, 64)]
    return types


def types_of(name):
    """[(SQL type, maker(random) -> SQL literal)] of one server."""
    types = _common()
    parse = "GeomFromText" if name == "mysql-5.6" else "ST_GeomFromText"
    types += [(kind, _shape(kind, parse)) for kind in ("GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "GEOMETRYCOLLECTION")]
    if name == "mysql-9.7":
        types += [("JSON", _json), ("VECTOR(4)", lambda rnd: f"TO_VECTOR('[{rnd.randint(-9, 9)},2.5,0,1]')")]
    if name.startswith("mariadb"):
        types += [("JSON", _json), ("INET6", lambda rnd: rnd.choice(["'::'", "'2001:db8::1'", "'::ffff:1.2.3.4'", "'fe00::'"])),
                  ("VARCHAR(200) COMPRESSED CHARACTER SET latin1", _text(200, True)), ("TEXT COMPRESSED", _text(250)),
                  ("BLOB COMPRESSED", _bytes(250)), ("VARBINARY(300) COMPRESSED", _bytes(300))]
    if name in ("mariadb-10.11", "mariadb-11.8"):
        types += [("UUID", lambda rnd: f"'{rnd.getrandbits(128):032x}'"), ("INET4", lambda rnd: rnd.choice(["'0.0.0.0'", "'10.1.2.0'"]))]
    if name == "mariadb-11.8":
        types += [("VECTOR(4)", lambda rnd: f"VEC_FromText('[{rnd.randint(-9, 9)},2.5,0,1]')")]
    return types


def literal(rnd, make):
    return "NULL" if rnd.random() < 0.15 else make(rnd)


def generator(seed):
    return random.Random(seed)
