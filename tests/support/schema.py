"""Everything that a server says of a database's tables, and what of it a replica must have under given rules.

The second half is a model of its own: it knows nothing of how the relay rewrites statements, only what must come of it.
"""
import copy
import re

SYSTEM = ("mysql", "sys", "information_schema", "performance_schema", "test", "harness")


class Facts:
    """One table as information_schema shows it."""

    def __init__(self):
        self.options = {}
        self.columns = {}  # name -> dict, in table order
        self.indexes = {}  # name -> {"unique", "kind", "visible", "parts": [(column, prefix, order, expression)]}
        self.foreign_keys = {}
        self.checks = {}
        self.partitions = []
        self.periods = []  # lines of SHOW CREATE TABLE that information_schema does not tell


def _rows(server, sql):
    import pymysql.cursors
    with server.connection.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute(sql)
        return [{key.lower(): value for key, value in row.items()} for row in cursor.fetchall()]


def databases(server):
    """name -> (character set, collation) of every database that is not the server's own."""
    return {row["schema_name"]: (row["default_character_set_name"], row["default_collation_name"])
            for row in _rows(server, "SELECT * FROM information_schema.schemata") if row["schema_name"] not in SYSTEM}


def facts(server, database):
    """table -> Facts."""
    where = f"WHERE table_schema='{database}'"
    tables = {}
    for row in _rows(server, f"SELECT * FROM information_schema.tables {where} AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"):
        table = tables[row["table_name"]] = Facts()
        options = set((row["create_options"] or "").replace("partitioned", "").lower().split())

        table.options = {"type": row["table_type"], "engine": row["engine"], "row_format": row["row_format"],
                         "collation": row["table_collation"], "options": sorted(options)}
    for row in _rows(server, f"SELECT * FROM information_schema.columns {where} ORDER BY table_name, ordinal_position"):
        if row["table_name"] in tables:
            tables[row["table_name"]].columns[row["column_name"]] = _column(row, server.kind.mariadb)
    for row in _rows(server, f"SELECT * FROM information_schema.statistics {where} ORDER BY table_name, index_name, seq_in_index"):
        if row["table_name"] in tables:
            _add_index_part(tables[row["table_name"]].indexes, row)
    _add_foreign_keys(server, database, tables)
    _add_checks(server, database, tables)
    for row in _rows(server, f"SELECT * FROM information_schema.partitions {where} AND partition_name IS NOT NULL "
                             "ORDER BY table_name, partition_ordinal_position, subpartition_ordinal_position"):
        if row["table_name"] in tables:
            tables[row["table_name"]].partitions.append(tuple(row.get(key) for key in (
                "partition_name", "subpartition_name", "partition_method", "subpartition_method", "partition_expression",
                "subpartition_expression", "partition_description")))
    if server.kind.mariadb:
        for name, table in tables.items():
            text = _rows(server, f"SHOW CREATE TABLE `{database}`.`{name.replace('`', '``')}`")[0]["create table"]
            table.periods = [line.strip().rstrip(",") for line in text.splitlines() if "PERIOD FOR" in line or "WITHOUT OVERLAPS" in line]
    return tables


def _column(row, mariadb):
    return {"mariadb": mariadb, "type": row["column_type"], "nullable": row["is_nullable"], "charset": row["character_set_name"],
            "collation": row["collation_name"], "default": row["column_default"], "extra": row["extra"],
            "expression": _utf8(row.get("generation_expression") or ""), "srs": row.get("srs_id")}


def _utf8(text):
    """MySQL shows the bytes of an expression's names as if they were latin1."""
    try:
        return text.encode("latin1").decode("utf8")
    except UnicodeError:
        return text


def _add_index_part(indexes, row):
    visible = row.get("is_visible", "YES") if "is_visible" in row else {"YES": "NO", "NO": "YES"}[row.get("ignored") or "NO"]
    index = indexes.setdefault(row["index_name"], {"unique": not int(row["non_unique"]), "kind": row["index_type"],
                                                   "visible": visible, "parts": []})
    index["parts"].append((row["column_name"], row["sub_part"], row["collation"], row.get("expression")))


def _add_foreign_keys(server, database, tables):
    for row in _rows(server, f"SELECT * FROM information_schema.referential_constraints WHERE constraint_schema='{database}'"):
        if row["table_name"] in tables:
            tables[row["table_name"]].foreign_keys[row["constraint_name"]] = {
                "rules": (row["match_option"], row["update_rule"], row["delete_rule"]), "columns": [], "to": None, "referenced": []}
    for row in _rows(server, f"SELECT * FROM information_schema.key_column_usage WHERE table_schema='{database}' AND "
                             "referenced_table_name IS NOT NULL ORDER BY constraint_name, ordinal_position"):
        key = tables.get(row["table_name"], Facts()).foreign_keys.get(row["constraint_name"])
        if key is not None:
            key["columns"].append(row["column_name"])
            key["to"] = (row["referenced_table_schema"], row["referenced_table_name"])
            key["referenced"].append(row["referenced_column_name"])


def _add_checks(server, database, tables):
    if server.kind.old:
        return
    if server.kind.mariadb:
        for row in _rows(server, f"SELECT * FROM information_schema.check_constraints WHERE constraint_schema='{database}'"):
            if row["table_name"] in tables:
                tables[row["table_name"]].checks[row.get("level", "") + " " + row["constraint_name"]] = (row["check_clause"], "YES")
        return
    sql = ("SELECT t.table_name, c.constraint_name, c.check_clause, t.enforced FROM information_schema.check_constraints c JOIN "
           "information_schema.table_constraints t USING (constraint_schema, constraint_name) "
           f"WHERE constraint_schema='{database}' AND t.constraint_type='CHECK'")
    for row in _rows(server, sql):
        if row["table_name"] in tables:
            tables[row["table_name"]].checks[row["constraint_name"]] = (row["check_clause"], row["enforced"])


# What a replica must have. `rules`: table -> {column: "drop" or "alter"}; a table without an entry does not leave.


def named_in(expression, columns):
    """The columns that a server's own printing of an expression names; it quotes every name."""
    quoted = {name.replace("``", "`").lower() for name in re.findall(r"`((?:[^`]|``)+)`", expression or "")}
    return {column for column in columns if column.lower() in quoted}


def fates(table, rules):
    """column -> "keep", "alter" or "drop"; what is computed from a column that does not keep its values is dropped."""
    ruled = {name.lower(): fate for name, fate in rules.items()}
    found = {name: ruled.get(name.lower(), ruled.get("*", "keep")) for name in table.columns}
    changed = True
    while changed:
        changed = False
        for name, column in table.columns.items():
            computed = column["expression"] + (" " + column["default"] if _is_expression(column) else "")
            if found[name] == "keep" and any(found[other] != "keep" for other in named_in(computed, table.columns)):
                found[name] = "drop"
                changed = True
    return found


def _is_expression(column):
    return bool(column["default"]) and ("DEFAULT_GENERATED" in column["extra"] or "`" in column["default"])


def expected(tables, rules, database):
    """The facts of a replica's tables, made of those of the source."""
    left = {}
    for name, table in tables.items():
        if name in rules:
            left[name] = _scrubbed(table, fates(table, rules[name]))
    for name, table in left.items():
        for key in list(table.foreign_keys):
            if not _keeps_key(table.foreign_keys[key], tables[name], rules[name], tables, rules, database, left):
                del table.foreign_keys[key]
    for name, table in left.items():
        _serve_keys(table, tables[name], fates(tables[name], rules[name]))
    return left


def _serve_keys(table, source, fate):
    """A unique index that did not stay is there as a plain one where a foreign key has no other."""
    others = list(table.indexes.values())
    for name in set(source.indexes) - set(table.indexes):
        index = {**source.indexes[name], "unique": False}
        index["parts"] = _parts(index, source, fate)
        for key in table.foreign_keys.values():
            def begins(parts):
                return [part[0] for part in parts][:len(key["columns"])] == key["columns"]
            if begins(source.indexes[name]["parts"]) and begins(index["parts"]) and not any(begins(other["parts"]) for other in others):
                table.indexes[name] = index


def _scrubbed(source, fate):
    table = copy.deepcopy(source)
    table.columns = {name: column for name, column in table.columns.items() if fate[name] != "drop"}
    for name, column in table.columns.items():
        if column["mariadb"] and re.search(r"\b(nextval|lastval|setval)\(", column["default"] or ""):
            column["default"] = "NULL" if column["nullable"] == "YES" else None  # sequences do not leave
        if fate[name] == "alter":
            # MariaDB shows a nullable column's lack of a default as NULL.
            column["default"] = "NULL" if column["mariadb"] and column["nullable"] == "YES" else None
            column["extra"] = re.sub(r"default_generated ?|on update current_timestamp(\(\d*\))? ?", "", column["extra"], flags=re.I).strip()
    for name in list(table.indexes):
        index = table.indexes[name]
        index["parts"] = _parts(index, source, fate)
        if not index["parts"]:
            del table.indexes[name]
    for name in list(table.checks):
        # Behind RENAME COLUMN, MariaDB 10.5 goes on calling the column's own check by the old name.
        owner = name.partition(" ")[2] if name.startswith("Column ") else None
        names = named_in(table.checks[name][0], source.columns) | ({owner} & set(source.columns))
        if any(fate[column] != "keep" for column in names):
            del table.checks[name]
    by = " ".join(str(text) for row in table.partitions for text in row[4:6])
    if any(fate[column] != "keep" for column in named_in(by, source.columns) | _named_plainly(by, source.columns)):
        table.partitions = []
    for name, column in table.columns.items():
        if "auto_increment" in column["extra"] and not any(index["parts"][0][0] == name for index in table.indexes.values()):
            column["extra"] = column["extra"].replace("auto_increment", "").strip()
    table.periods = [line for line in table.periods if all(fate[column] == "keep" for column in named_in(line, source.columns))]
    periods = {line.split("`")[1] for line in table.periods if line.startswith("PERIOD")}
    table.periods = [line for line in table.periods if line.startswith("PERIOD") or named_in(line, periods)]
    return table


def _named_plainly(text, columns):
    return {column for column in columns if re.search(rf"(?<![\w`]){re.escape(column)}(?![\w`])", text)}


def _parts(index, source, fate):
    kept = []
    for part in index["parts"]:
        column, expression = part[0], part[3]
        if column is None:
            if any(fate[name] != "keep" for name in named_in(expression, source.columns)):
                return []
        elif index["unique"] and fate[column] != "keep":
            return []
        elif fate[column] == "drop":
            continue
        kept.append(part)
    return kept


def _keeps_key(key, source, rule, tables, rules, database, left):
    fate = fates(source, rule)
    if any(fate[column] != "keep" for column in key["columns"]):
        return False
    schema, name = key["to"]
    if schema != database:
        return False
    parent = next((other for other in rules if other.lower() == name.lower() and other in tables), None)
    if parent is None:
        return False
    parent_fate = fates(tables[parent], rules[parent])
    if any(parent_fate[column] != "keep" for column in key["referenced"]):
        return False
    return any([part[0] for part in index["parts"]][:len(key["referenced"])] == key["referenced"]
               for index in left[parent].indexes.values())


def differences(wanted, found):
    """Lines that say where two sets of facts differ."""
    lines = []
    for name in sorted(set(wanted) | set(found)):
        if name not in found or name not in wanted:
            lines.append(f"table {name} is {'missing' if name not in found else 'there'} at the replica")
            continue
        left, right = vars(wanted[name]), vars(found[name])
        if list(left["columns"]) != list(right["columns"]):
            lines.append(f"{name}: columns {list(left['columns'])} expected, found {list(right['columns'])}")
        for part in left:
            if left[part] == right[part]:
                continue
            if isinstance(left[part], dict):
                lines += [f"{name}: {part} {key}: {left[part].get(key)} expected, found {right[part].get(key)}"
                          for key in {**left[part], **right[part]} if left[part].get(key) != right[part].get(key)]
            else:
                lines.append(f"{name}: {part}: {left[part]} expected, found {right[part]}")
    return lines
