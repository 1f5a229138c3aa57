"""Runs one of the servers' own test files at a source, as far as it is plain SQL: what it does at a replica, in files or to servers is not."""
import pathlib
import re

import pymysql

from .mysqltest_script import Unreadable, read

_STATEMENT_SECONDS = 20
_MOST_COMMANDS = 20000
# Includes that only look at servers, wait, or ask for settings: without them, the statements are the same.
_BREAKING = re.compile(r"debug|restart|shutdown|start_mysqld|kill_|crash|have_semisync|plugin|expect_|group_replication|rpl_(start|stop)_server|"
                       r"stop_group|corrupt|clone|keyring|encrypt|ndb|galera|inject_error|rpl_change_topology|change_topology|"
                       r"rpl/reset|rpl_reset|rpl_init|rpl/init\.inc|rpl/init_multi|multi_source|import_tablespace|udf|xa_crash_safe", re.I)
_HARMLESS = re.compile(r"include/not_|have_nodebug|force_restart|big_test")
_NOT_PLAIN = frozenset("""append_file change_user copy_file dirty_close exec exec_in_background execw perl write_file remove_file move_file mkdir
rmdir send send_eval reap send_quit send_shutdown shutdown_server cat_file diff_files file_exists chmod list_files system reset_connection
copy_files_wildcard remove_files_wildcard force-rmdir force-cpdir write_line query_attributes wait_for_slave_to_stop skip exit""".split())
# Statements that steer replication or logs of the test's own set-up; here another one is around them.
_LEFT_OUT = re.compile(r"(RESET|PURGE|CHANGE|STOP\s+(ALL\s+)?(SLAVE|REPLICA)|START\s+(ALL\s+)?(SLAVE|REPLICA)|SHOW|SELECT\s+(MASTER|SOURCE)_POS_WAIT|BINLOG)\b", re.I)
_NOT_COMPARABLE = (
    (re.compile(r"\bsql_log_bin\b", re.I), "changes the source without its binary log"),
    (re.compile(r"\b(SHUTDOWN|RESTART)\s*$", re.I), "stops the server"),
    (re.compile(r"\bgtid_(next|mode|purged)\b|gtid_(domain_id|seq_no|binlog_state|slave_pos)\b|\bserver_id\b|pseudo_replica_mode|pseudo_slave_mode|skip_replication", re.I),
     "makes GTIDs or server ids of its own"),
    (re.compile(r"\bINSTALL\s+(PLUGIN|COMPONENT|SONAME)\b", re.I), "needs a plugin"),
    (re.compile(r"\bdebug(_sync|_dbug)?\s*=", re.I), "needs a debug build"),
    (re.compile(r"\b(super_)?read_only\s*=|\boffline_mode\b", re.I), "closes the source"),
)


class NotPlain(Exception):
    """Why a file is not run, in a few words."""


class Script:
    def __init__(self, path, root):
        self.root = pathlib.Path(root)
        self.path = pathlib.Path(path)
        self.commands = self._expanded(self._read(self.path), 0)

    def _read(self, path):
        try:
            return read(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            raise NotPlain("is not UTF-8") from None
        except Unreadable as error:
            raise NotPlain(str(error)) from None

    def _expanded(self, commands, depth):
        """With what it includes in their places, and everything judged that can be without running."""
        found = []
        for command in commands:
            if command.name in _NOT_PLAIN:
                raise NotPlain(f"uses {command.name}")
            if command.name == "source":
                found += self._included(command, depth)
                continue
            for pattern, reason in _NOT_COMPARABLE:
                if command.name in ("sql", "eval", "let") and pattern.search(command.argument):
                    raise NotPlain(reason)
            command.block = self._expanded(command.block, depth)
            found.append(command)
        return found

    def _included(self, command, depth):
        name = command.argument.rstrip("; ").strip()
        if _BREAKING.search(name) and not _HARMLESS.search(name):
            raise NotPlain(f"includes {pathlib.PurePath(name).name}")
        if "$" in name or not (name.endswith(".test") or "extra/" in name or re.match(r"(\./)?suite/\w+/include", name)):
            return [command]
        for folder in (self.root, self.path.parent.parent, self.path.parent):
            if (folder / name).exists() and depth < 10:
                return self._expanded(self._read(folder / name), depth + 1)
        raise NotPlain("includes a file that the package does not have")

    def statements(self):
        """The text of every statement, for a look ahead."""
        def walk(commands):
            for command in commands:
                if command.name in ("sql", "eval"):
                    yield command.argument
                yield from walk(command.block)
        return list(walk(self.commands))


class Runner:
    """Connections by name; those of a replica are told apart, and nothing is run on them."""

    def __init__(self, server, script):
        self.server, self.script = server, script
        self.connections, self.variables, self.current = {}, {}, "master"
        self.executed = self.failed = self.count = 0
        self._open("master")

    def run(self):
        try:
            self._run(self.script.commands)
        finally:
            for connection in self.connections.values():
                try:
                    connection.close()
                except pymysql.err.Error:
                    pass

    def _open(self, name, database="test"):
        self.connections[name] = pymysql.connect(unix_socket=str(self.server.socket), user="root", database=database, charset="utf8mb4",
                                                 autocommit=True, read_timeout=_STATEMENT_SECONDS, max_allowed_packet=1 << 28)

    def _run(self, commands):
        for command in commands:
            self.count += 1
            if self.count > _MOST_COMMANDS:
                raise NotPlain("does not end")
            handler = getattr(self, "_" + command.name.replace("-", "_"), None)
            if handler is not None:
                handler(command)

    @property
    def _at_replica(self):
        return self.current not in self.connections

    def _sql(self, command):
        self._execute(command.argument)

    def _eval(self, command):
        self._execute(self._expand(command.argument))

    _evalp = _eval

    def _query(self, command):
        self._execute(self._expand(command.argument))

    _query_vertical = _query_horizontal = _query

    def _execute(self, text):
        """The rows; none where the statement failed: many are written to fail."""
        text = text.strip()
        if self._at_replica or not text or _LEFT_OUT.match(text):
            return []
        try:
            with self.connections[self.current].cursor() as cursor:
                cursor.execute(text)
                rows = list(cursor.fetchall())
                while cursor.nextset():
                    pass
            self.executed += 1
            return rows
        except pymysql.err.OperationalError as error:
            if error.args and error.args[0] in (2006, 2013):
                raise NotPlain("waits for another connection") from None
            self.failed += 1
        except (pymysql.err.Error, UnicodeError, ValueError, KeyError, IndexError, TypeError):
            self.failed += 1
        return []

    def _connection(self, command):
        self._use(self._expand(command.argument).rstrip("; ").strip("()"))

    def _use(self, name):
        self.current = name
        if name not in self.connections and re.match(r"(default|master\d*|source\d*|server_1(_\d+)?)$", name):
            self._open(name)

    def _connect(self, command):
        argument = command.argument
        parts = [part.strip() for part in self._expand(argument).strip("(); ").split(",")]
        parts += [""] * (6 - len(parts))
        port = argument.split(",")[5] if argument.count(",") >= 5 else ""
        self.current = parts[0]
        if re.search(r"slave|replica|server_[2-9]", port + parts[0], re.I):
            return
        if parts[2] not in ("root", ""):
            raise NotPlain("logs in as somebody else")
        try:
            self._open(parts[0], database=parts[4] if parts[4] not in ("", "*NO-ONE*") else "test")
        except pymysql.err.Error:
            raise NotPlain("cannot connect as it wants") from None

    def _disconnect(self, command):
        name = command.argument.rstrip("; ")
        if name in self.connections:
            self.connections.pop(name).close()

    def _sync_slave_with_master(self, command):
        self.current = "slave"

    def _source(self, command):
        name = self._expand(command.argument)
        if re.search(r"sync_to_replica|connection_replica|sync_slave", name):
            self.current = "slave"
        elif re.search(r"connection_source", name):
            self._use("master")
        elif "include/connection.inc" in name:
            self._use(self.variables.get("rpl_connection_name", "default"))

    def _expand(self, text):
        return re.sub(r"\$(\w+)", lambda found: self.variables.get(found.group(1), ""), text)

    def _let(self, command):
        found = re.match(r"\$?(\w+)\s*=\s*(.*)$", command.argument.rstrip("; "), re.S)
        if found:
            self.variables[found.group(1)] = self._value(found.group(2).strip())

    def _value(self, text):
        if text.startswith("`") and text.endswith("`"):
            rows = self._execute(self._expand(text[1:-1]))
            return "" if not rows or rows[0][0] is None else str(rows[0][0])
        if text.startswith("query_get_value"):
            raise NotPlain("reads values by query_get_value")
        return self._expand(text)

    def _die(self, command):
        raise NotPlain("gives up")

    def _inc(self, command, by=1):
        name = command.argument.strip("$; ")
        try:
            self.variables[name] = str(int(self.variables.get(name) or 0) + by)
        except ValueError:
            raise NotPlain("counts with what is no number") from None

    def _dec(self, command):
        self._inc(command, -1)

    def _if(self, command):
        if self._true(command.argument):
            self._run(command.block)

    def _while(self, command):
        while self._true(command.argument):
            self.count += 1
            if self.count > _MOST_COMMANDS:
                raise NotPlain("does not end")
            self._run(command.block)

    def _true(self, condition):
        compared = re.match(r"(\$\w+)\s*(==|!=|<=|>=|<|>)\s*(.+)$", condition, re.S)
        if compared:
            left, right = self._value(compared.group(1)), self._value(compared.group(3).strip().strip("'\""))
            if left.lstrip("-").isdigit() and right.lstrip("-").isdigit():
                left, right = int(left), int(right)
            operator = compared.group(2)
            try:
                return {"==": left == right, "!=": left != right, "<": left < right, ">": left > right, "<=": left <= right,
                        ">=": left >= right}[operator]
            except TypeError:
                return False
        negated = condition.startswith("!")
        value = self._value(condition.lstrip("!").strip())
        return (value not in ("", "0")) != negated
