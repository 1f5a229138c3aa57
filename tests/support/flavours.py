"""What differs between the server versions: options, replication statements, names."""
import dataclasses
import os
import pathlib

ALL = ("mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-10.5", "mariadb-11.8")


def cache_folder():
    return pathlib.Path(os.environ.get("BINLOG_RELAY_SERVERS") or pathlib.Path.home() / ".cache/binlog-relay/servers")


@dataclasses.dataclass(frozen=True)
class Flavour:
    name: str
    mariadb: bool
    old: bool  # MySQL 5.6: no row metadata in its table maps, old option names

    @property
    def folder(self):
        return cache_folder() / self.name

    @property
    def program(self):
        return self.folder / "bin/mysqld"

    @property
    def metadata_modes(self):
        if self.old:
            return (None,)
        return ("MINIMAL", "FULL", "NO_LOG") if self.mariadb else ("MINIMAL", "FULL")

    def binlog_reader(self, v1_rows=False):
        """The version's own mysqlbinlog. MySQL 5.6 brings none: 9.7's reads its files, MariaDB's the ones with old row events."""
        if self.old:
            return cache_folder() / ("mariadb-10.11" if v1_rows else "mysql-9.7") / "bin/mysqlbinlog"
        return self.folder / "bin/mysqlbinlog"


def flavour(name):
    if name not in ALL:
        raise ValueError(f"no such server: {name}")
    return Flavour(name, name.startswith("mariadb"), name == "mysql-5.6")


def server_options(kind, gtid, metadata, row_image, checksum, binlog_format, fsync):
    """Options of one server version; the paths, ports and ids are the caller's."""
    durable = "1" if fsync else "0"
    options = [
        "--skip-name-resolve", "--secure-file-priv=", "--local-infile=1", "--max-allowed-packet=1G",
        "--innodb-buffer-pool-size=48M", f"--innodb-flush-log-at-trx-commit={durable}", f"--sync-binlog={durable}",
        f"--binlog-format={binlog_format}", f"--binlog-checksum={checksum}", f"--binlog-row-image={row_image}",
        "--innodb-use-native-aio=0", "--max-connections=60", "--performance-schema=OFF",
    ]
    if metadata:
        options.append(f"--binlog-row-metadata={metadata}")
    if kind.mariadb:
        return options + ["--log-slave-updates", "--slave-net-timeout=30", "--slave-max-allowed-packet=1G"]
    if kind.old:
        options += ["--log-slave-updates", "--master-info-repository=TABLE", "--relay-log-info-repository=TABLE",
                    "--relay-log-recovery=1", "--slave-net-timeout=30", "--slave-max-allowed-packet=1G",
                    "--explicit-defaults-for-timestamp=1", "--innodb-log-file-size=48M"]
        return options + (["--gtid-mode=ON", "--enforce-gtid-consistency"] if gtid else [])
    mode = "ON" if gtid else "OFF"
    return options + ["--mysqlx=OFF", f"--gtid-mode={mode}", f"--enforce-gtid-consistency={mode}",
                      "--innodb-redo-log-capacity=64M", "--replica-net-timeout=30", "--replica-max-allowed-packet=1G"]


def change_source_sql(kind, host, port, user, password, gtid, file, pos, tls=None):
    """The statement that points a replica of this kind at a source; file None starts at the source's first file.

    tls: what is said about TLS, as {"SSL_CA": path}; empty is the replica's own default. None asks for none, as a replica needs that connects
    to its own host or through a tunnel.
    """
    prefix = "MASTER" if kind.mariadb or kind.old else "SOURCE"
    parts = [f"{prefix}_HOST='{host}'", f"{prefix}_PORT={port}", f"{prefix}_USER='{user}'", f"{prefix}_PASSWORD='{password}'",
             f"{prefix}_CONNECT_RETRY=1", f"{prefix}_HEARTBEAT_PERIOD=2"]
    if kind.mariadb:
        parts.append(f"MASTER_USE_GTID={'slave_pos' if gtid else 'no'}")
        if tls is None and kind.name == "mariadb-11.8":
            parts.append("MASTER_SSL=0")  # 11.8 insists on TLS by default
    else:
        parts.append(f"{prefix}_AUTO_POSITION={1 if gtid else 0}")
        parts.append(f"{prefix}_RETRY_COUNT=100000")
        if tls is None and not kind.old:
            parts += ["SOURCE_SSL=0", "GET_SOURCE_PUBLIC_KEY=1"]
    parts += [f"{prefix}_{name}={value}" if isinstance(value, int) else f"{prefix}_{name}='{value}'" for name, value in (tls or {}).items()]
    if not gtid and file is not None:
        parts += [f"{prefix}_LOG_FILE='{file}'", f"{prefix}_LOG_POS={pos or 4}"]
    verb = "CHANGE MASTER TO" if prefix == "MASTER" else "CHANGE REPLICATION SOURCE TO"
    return f"{verb} {', '.join(parts)}"


def create_account_sql(kind, user, password, grants):
    """Statements for an account that may do `grants` on *.*; 5.6 has no CREATE USER ... IF NOT EXISTS."""
    who = f"'{user}'@'%'"
    if kind.old:
        return [f"GRANT {grants} ON *.* TO {who} IDENTIFIED BY '{password}'"]
    return [f"CREATE USER IF NOT EXISTS {who} IDENTIFIED BY '{password}'", f"GRANT {grants} ON *.* TO {who}"]


STATUS_KEYS = {
    "io_running": ("Slave_IO_Running", "Replica_IO_Running"),
    "sql_running": ("Slave_SQL_Running", "Replica_SQL_Running"),
    "io_errno": ("Last_IO_Errno",),
    "io_error": ("Last_IO_Error",),
    "sql_errno": ("Last_SQL_Errno",),
    "sql_error": ("Last_SQL_Error",),
    "source_file": ("Master_Log_File", "Source_Log_File"),
    "read_pos": ("Read_Master_Log_Pos", "Read_Source_Log_Pos"),
    "exec_file": ("Relay_Master_Log_File", "Relay_Source_Log_File"),
    "exec_pos": ("Exec_Master_Log_Pos", "Exec_Source_Log_Pos"),
    "seconds_behind": ("Seconds_Behind_Master", "Seconds_Behind_Source"),
    "executed_gtids": ("Executed_Gtid_Set",),
    "using_gtid": ("Using_Gtid",),
    "gtid_io_pos": ("Gtid_IO_Pos",),
}
