#!/bin/sh
# A replica from nothing, and the proof that it is the scrubbed source: the five commands, in their order.
#
#   new-replica.sh RELAY_TOML REPLICA_URL
#   new-replica.sh /etc/binlog-relay/relay.toml "mysql://seed@127.0.0.1:3306/?tunnel=replica.cloud.example&password_file=seed.password"
#
# RELAY_TOML has source.start = "latest" and the tunnel, if there is one; the rules are written (binlog-relay discover
# proposes some). The replica's server is empty, and of the source's flavour. docs/snapshot.md says which rights the
# accounts need. Every command that fails ends the script; the one that makes the copy goes on when it is called again.
set -eu
config=$1 replica=$2

# 1. What would leave, column by column; every problem with its remedy.
binlog-relay check -c "$config"

# 2. The relay. As a service: systemctl start binlog-relay (docs/deploy.md).
binlog-relay run -c "$config" >>relay.log 2>&1 &

# 3. It is there when it answers.
until binlog-relay status -c "$config" 2>/dev/null; do sleep 1; kill -0 $!; done

# 4. The scrubbed copy, and the replica told where to go on.
binlog-relay snapshot -c "$config" --to "$replica"

# 5. Row by row: 0 where the replica is the scrubbed source, 4 where it is not.
binlog-relay verify -c "$config" --replica "$replica"
