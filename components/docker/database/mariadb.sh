# What a MariaDB container runs: the server's settings are its arguments. What the node is, the provider writes into the
# volume, so that it holds through restarts and no container is replaced by a promotion.
set -eu
volume=/var/lib/mysql
data=$volume/data
control=$volume/slipway

say() { echo "slipway: $*"; }

read_role() { role=; { read -r role <"$control/role"; } 2>/dev/null || [ -n "$role" ]; }

write_role() { echo "$1" >"$control/role.new" && sync "$control/role.new" && mv "$control/role.new" "$control/role"; }

install_server() {
  rm -rf "$data.new"
  mkdir "$data.new"
  mariadb-install-db --no-defaults --datadir="$data.new" --tmpdir="$volume/tmp" --skip-name-resolve --skip-test-db \
    --auth-root-authentication-method=socket --auth-root-socket-user=mysql >"$volume/tmp/install.log" 2>&1 ||
    { cat "$volume/tmp/install.log"; exit 1; }
}

# Made beside and moved: what ends half-way is begun anew.
make_empty() {
  say "making an empty database"
  install_server
  mv "$data.new" "$data"
}

dump_primary() {
  mariadb-dump --defaults-extra-file="$control/client.cnf" --host="$SLIPWAY_DATABASE" --all-databases \
    --single-transaction --master-data=2 --gtid --routines --events --triggers --hex-blob >"$volume/tmp/primary.sql" &&
    tail -n 1 "$volume/tmp/primary.sql" | grep -q '^-- Dump completed'
}

copy_primary() {
  say "copying the primary"
  until dump_primary; do
    say "the primary cannot be copied yet"
    sleep 1
  done
  install_server
  socket=$volume/tmp/copy.sock
  mariadbd --no-defaults --datadir="$data.new" --socket="$socket" --pid-file="$volume/tmp/copy.pid" --tmpdir="$volume/tmp" \
    --skip-networking --skip-log-bin --skip-slave-start --skip-name-resolve --innodb-flush-log-at-trx-commit=0 &
  server=$!
  until mariadb-admin --no-defaults --socket="$socket" ping >/dev/null 2>&1; do kill -0 "$server" && sleep 0.2; done
  mariadb --no-defaults --socket="$socket" <"$volume/tmp/primary.sql"
  # A comment in the dump: what it brings beside is the primary's own record.
  grep '^-- SET GLOBAL gtid_slave_pos=' "$volume/tmp/primary.sql" | sed 's/^-- //' | mariadb --no-defaults --socket="$socket"
  mariadb-admin --no-defaults --socket="$socket" shutdown
  wait "$server"
  rm "$volume/tmp/primary.sql"
  mv "$data.new" "$data"
}

refuse_other_version() {
  made=$(sed 's/^\([0-9]*\.[0-9]*\).*/\1/' "$data/slipway_version" 2>/dev/null || true)
  runs=$(mariadbd --no-defaults --version | sed 's/.* Ver \([0-9]*\.[0-9]*\).*/\1/')
  [ -n "$made" ] || { made=$runs && echo "$runs" >"$data/slipway_version"; }
  if [ "$made" = "$runs" ]; then return; fi
  say "the data is of MariaDB $made, this image is $runs: dump it with $made and restore it into a new database"
  exit 1
}

if [ -d "$volume/pgdata" ]; then
  say "the volume has the data of a PostgreSQL: dump it there and restore it into a database of another name"
  exit 1
fi
until read_role && [ "$role" != fenced ]; do sleep 0.2; done
mkdir -p "$volume/tmp"
case $role in
primary)
  [ -d "$data/mysql" ] || make_empty
  ;;
rebuild)
  # Of one that was a primary itself, what nobody else has stays beside.
  if [ -d "$data/mysql" ] && [ ! -e "$data/master.info" ]; then
    rm -rf "$data.diverged"
    mv "$data" "$data.diverged"
  fi
  rm -rf "$data"
  copy_primary
  write_role replica
  ;;
replica)
  [ -d "$data/mysql" ] || copy_primary
  ;;
esac
refuse_other_version
if [ "$role" = primary ]; then read_only=0; else read_only=1; fi
semi_sync=OFF
{ read -r semi_sync <"$control/semi-sync"; } 2>/dev/null || true

exec mariadbd --no-defaults --datadir="$data" --socket=/run/mysqld/mysqld.sock --pid-file=/run/mysqld/mysqld.pid \
  --tmpdir="$volume/tmp" --server-id="$SLIPWAY_NODE" --log-bin=binlog --relay-log=relay --log-slave-updates \
  --read-only="$read_only" --rpl-semi-sync-slave-enabled=ON --rpl-semi-sync-master-enabled="$semi_sync" \
  --rpl-semi-sync-master-wait-point=AFTER_SYNC --rpl-semi-sync-master-timeout=2147483647 "$@"
