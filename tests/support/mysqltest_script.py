"""Reads the language of the servers' own test files (mysqltest) into a tree of commands: names, arguments, blocks.

The language: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_MYSQL_TEST_COMMANDS.html
"""
import dataclasses
import re

# Words that begin a command of the test language; any other first word begins a statement.
COMMANDS = frozenset("""
append_file assert cat_file change_user character_set chmod connect connection copy_file copy_files_wildcard dec delimiter die diff_files
dirty_close disable_abort_on_error disable_connect_log disable_cursor_protocol disable_info disable_metadata disable_non_blocking_api
disable_parsing disable_ps2_protocol disable_ps_protocol disable_query_log disable_reconnect disable_result_log disable_service_connection
disable_session_track_info disable_sp_protocol disable_testcase disable_view_protocol disable_warnings disconnect echo enable_abort_on_error
enable_connect_log enable_cursor_protocol enable_info enable_metadata enable_non_blocking_api enable_parsing enable_ps2_protocol
enable_ps_protocol enable_query_log enable_reconnect enable_result_log enable_service_connection enable_session_track_info
enable_sp_protocol enable_testcase enable_view_protocol enable_warnings end error eval evalp exec exec_in_background execw exit
expr file_exists force-cpdir force-rmdir horizontal_results if inc let list_files list_files_append_file list_files_write_file
lowercase_result mkdir move_file optimizer_trace output partially_sorted_result perl ping query query_attributes query_horizontal
query_vertical reap remove_file remove_files_wildcard replace_column replace_numeric_round replace_regex replace_result require
reset_connection result_format rmdir rpl_sync save_master_pos send send_eval send_quit send_shutdown shutdown_server skip skip_if_hypergraph sleep
sorted_result source start_timer end_timer sync_slave_with_master sync_with_master system vertical_results wait_for_slave_to_stop while
write_file write_line
""".split())
_WITH_LITERAL_LINES = frozenset(("perl", "write_file", "append_file"))


@dataclasses.dataclass
class Command:
    name: str  # a word of COMMANDS, or "sql"
    argument: str
    block: list = dataclasses.field(default_factory=list)  # of if and while


class Unreadable(Exception):
    pass


class _Reader:
    def __init__(self, text):
        self.lines, self.at, self.delimiter = text.splitlines(), 0, ";"

    def commands(self, nested=False):
        found = []
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            if not line or line.startswith("#") or line in ("{", self.delimiter):
                self.at += 1
            elif line.startswith("}"):
                self.at += 1
                if nested:
                    return found
                raise Unreadable("a block ends that did not begin")
            else:
                found.append(self._command(line))
        if nested:
            raise Unreadable("a block does not end")
        return found

    def _command(self, line):
        if line.startswith("--"):
            self.at += 1
            return self._made(line[2:].strip().rstrip(";") if not re.match(r"--\s*delimiter", line, re.I) else line[2:].strip())
        word = re.match(r"[a-zA-Z_0-9-]*", line).group().lower()
        if word in ("if", "while"):
            return self._block(word)
        if word in _WITH_LITERAL_LINES:
            self.at += 1
            return self._made(line)
        return self._made(self._up_to_delimiter(), bare=True)

    def _up_to_delimiter(self):
        """Statements end with the delimiter outside quotes, wherever in the line."""
        text, quote = [], None
        while self.at < len(self.lines):
            line, self.at = self.lines[self.at], self.at + 1
            if not quote and line.lstrip().startswith("#") and not "".join(text).strip():
                continue
            position = 0
            while position < len(line):
                letter = line[position]
                if quote:
                    if letter == "\\" and quote != "`":
                        position += 1
                    elif letter == quote:
                        quote = None
                elif letter in "'\"`":
                    quote = letter
                elif line.startswith(self.delimiter, position):
                    rest = line[position + len(self.delimiter):].strip()
                    if rest and not rest.startswith("#"):
                        self.at -= 1
                        self.lines[self.at] = rest
                    return "\n".join(text + [line[:position]]).strip()
                position += 1
            text.append(line)
        return "\n".join(text).strip()

    def _made(self, text, bare=False):
        word = re.match(r"[a-zA-Z_0-9-]*", text).group()
        name = word.lower()
        # Some words are both: as a statement they are followed by what no command takes.
        if name not in COMMANDS or (bare and name == "end"):
            return Command("sql", text)
        argument = text[len(word):].strip()
        if name == "delimiter":
            self.delimiter = argument.split()[0] if argument.split() else ";"
            if len(self.delimiter) > 1 and self.delimiter.endswith(";") and bare is False:
                self.delimiter = self.delimiter[:-1] or ";"
        if name in _WITH_LITERAL_LINES:
            ending = argument.split()[-1] if name != "perl" and len(argument.split()) > 1 else (argument.strip(" ;") or "EOF")
            while self.at < len(self.lines) and self.lines[self.at].strip() != ending.strip(";"):
                self.at += 1
            self.at += 1
        return Command(name, argument)

    def _block(self, word):
        text = ""
        while self.at < len(self.lines):
            line, self.at = self.lines[self.at], self.at + 1
            head, brace, rest = line.partition("{")
            text += "\n" + head
            if brace:
                if rest.strip():
                    self.at -= 1
                    self.lines[self.at] = rest
                break
        condition = text.strip()[len(word):].strip()
        if condition.startswith("(") and condition.endswith(")"):
            condition = condition[1:-1].strip()
        return Command(word, condition, self.commands(nested=True))


def read(text):
    """The commands of a test file's text. Raises Unreadable."""
    return _Reader(text).commands()
