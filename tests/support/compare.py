"""Exact comparison of tables and schemas between a source and a replica."""
import re

_TEXT = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext"}
_BYTES = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector", "geometry", "point", "linestring",
          "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection", "uuid",
          "inet4", "inet6"}
_LONG = 256  # bytes; longer values are compared by digest and length
_SHOWN = 5  # differences that an error message shows


def columns(server, table):
    """Column facts from information_schema in table order, as dicts with the same keys for every version."""
    schema, name = table.split(".", 1)
    rows = server.query(
        "SELECT column_name, data_type, column_type, is_nullable, character_set_name, collation_name, column_default, extra, "
        f"column_key FROM information_schema.columns WHERE table_schema='{schema}' AND table_name='{name}' "
        "ORDER BY ordinal_position")
    keys = ("name", "data_type", "type", "nullable", "charset", "collation", "default", "extra", "key")
    return [dict(zip(keys, row)) for row in rows]


def exact(column):
    """SQL that shows a column's value without loss: bytes in hex, floats as the shortest text that gives the same bits back."""
    name, kind = f"`{column['name']}`", column["data_type"].lower()
    if kind in _TEXT or kind in _BYTES:
        return f"IF(LENGTH({name})>{_LONG}, CONCAT('sha256 ', SHA2({name},256), ' ', LENGTH({name})), HEX({name}))"
    if kind == "json":
        return f"SHA2(CAST({name} AS CHAR CHARACTER SET utf8mb4), 256)"
    if kind in ("enum", "set"):
        return f"CONCAT({name}+0, ' ', HEX({name}))"
    if kind == "bit":
        return f"CAST({name}+0 AS CHAR)"
    if kind in ("float", "double"):
        # Multiplying by one makes a double without display width, and unlike adding zero it keeps the sign of -0.
        return f"CAST({name}*1e0 AS CHAR)"
    return f"CAST({name} AS CHAR)"


def rows(server, table, facts):
    """All rows of the given columns, sorted, so that tables without a key compare as multisets."""
    server.execute("SET time_zone='+00:00'", "SET NAMES utf8mb4")
    found = server.query(f"SELECT {', '.join(exact(column) for column in facts)} FROM {quoted(table)}")
    return sorted(found, key=lambda row: tuple((value is not None, str(value)) for value in row))


def quoted(table):
    return ".".join(f"`{part}`" for part in table.split(".", 1))


def assert_same_rows(source, replica, table, kept):
    """Every kept column of every row is the same on both sides, byte for byte."""
    theirs = [column for column in columns(source, table) if column["name"] in kept]
    assert len(theirs) == len(kept), f"{table}: source has {[c['name'] for c in theirs]}, test expects {kept}"
    left, right = rows(source, table, theirs), rows(replica, table, theirs)
    if left != right:
        raise AssertionError(f"{table} differs: {len(left)} rows at the source, {len(right)} at the replica\n"
                             + _difference(left, right, [column["name"] for column in theirs]))


def _difference(left, right, names):
    only_left, only_right = _minus(left, right), _minus(right, left)
    lines = [f"columns {names}"]
    lines += [f"only at the source:  {row}" for row in only_left[:_SHOWN]]
    lines += [f"only at the replica: {row}" for row in only_right[:_SHOWN]]
    return "\n".join(lines)


def _minus(left, right):
    rest = {}
    for row in right:
        rest[row] = rest.get(row, 0) + 1
    result = []
    for row in left:
        if rest.get(row, 0):
            rest[row] -= 1
        else:
            result.append(row)
    return result


def _normal_type(text):
    text = text.lower()
    text = re.sub(r"^((?:tiny|small|medium|big)?int|year)\(\d+\)", r"\1", text)  # 8.0.19 and later show no width
    return re.sub(r"\s*/\*.*?\*/", "", text)


def _normal_charset(text):
    return text.replace("utf8mb3", "utf8") if text else text


def _normal_default(text):
    if text is None or text.upper() == "NULL":
        return None
    text = re.sub(r"^current_timestamp\(\)", "CURRENT_TIMESTAMP", text, flags=re.I)
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def schema_facts(server, table, dropped=(), defaults=True):
    facts = []
    for column in columns(server, table):
        if column["name"] in dropped:
            continue
        extra = re.sub(r"default_generated ?", "", column["extra"].lower()).replace("()", "").strip()
        facts.append((column["name"], _normal_type(column["type"]), column["nullable"], _normal_charset(column["charset"]),
                      _normal_charset(column["collation"]), _normal_default(column["default"]) if defaults else None, extra))
    return facts


def assert_same_schema(source, replica, table, dropped=(), defaults=True):
    """Names, order, types, nullability, character sets, defaults: the replica has the source's minus the dropped columns."""
    left, right = schema_facts(source, table, dropped, defaults), schema_facts(replica, table, (), defaults)
    if left != right:
        wrong = [f"  source  {a}\n  replica {b}" for a, b in zip(left, right) if a != b]
        raise AssertionError(f"{table}: schema differs\n" + "\n".join(wrong[:_SHOWN]) +
                             f"\n  source columns  {[f[0] for f in left]}\n  replica columns {[f[0] for f in right]}")


def index_facts(server, table):
    schema, name = table.split(".", 1)
    found = server.query(
        "SELECT index_name, seq_in_index, column_name, non_unique, sub_part FROM information_schema.statistics "
        f"WHERE table_schema='{schema}' AND table_name='{name}' ORDER BY 1, 2")
    indexes = {}
    for index, _, column, non_unique, part in found:
        indexes.setdefault((index, int(non_unique)), []).append((column, part))
    return indexes


def assert_same_indexes(source, replica, table, dropped=()):
    """Every index that names no dropped column is there; none names one."""
    left = {key: parts for key, parts in index_facts(source, table).items() if not any(c in dropped for c, _ in parts)}
    right = index_facts(replica, table)
    missing = {key: parts for key, parts in left.items() if right.get(key) != parts}
    assert not missing, f"{table}: indexes missing or different at the replica: {missing}; it has {right}"


def tables(server, *ignored):
    """database.table of every base table that is not the server's own."""
    own = ("mysql", "sys", "information_schema", "performance_schema", "test", "harness", *ignored)
    names = ", ".join(f"'{name}'" for name in own)
    return {f"{schema}.{table}" for schema, table in server.query(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') "
        f"AND table_schema NOT IN ({names})")}
