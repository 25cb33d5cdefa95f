# What a PostgreSQL container runs: the server's settings are its arguments. What the node is, the provider writes into
# the volume, so that it holds through restarts and no container is replaced by a promotion.
set -eu
volume=/var/lib/postgresql/data
data=$volume/pgdata
control=$volume/slipway

say() { echo "slipway: $*"; }

read_role() { role=; { read -r role <"$control/role"; } 2>/dev/null || [ -n "$role" ]; }

write_role() { echo "$1" >"$control/role.new" && sync "$control/role.new" && mv "$control/role.new" "$control/role"; }

# Made beside and moved: what ends half-way is begun anew.
make_empty() {
  say "making an empty database"
  rm -rf "$data.new"
  initdb --pgdata="$data.new" --username=postgres --auth-local=peer --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-instructions
  # What the arguments say would be told to be wrong here at each reload.
  sed -i '/^\(max_connections\|shared_buffers\) /d' "$data.new/postgresql.conf"
  mv "$data.new" "$data"
}

copy_primary() {
  say "copying the primary"
  until rm -rf "$data.new" && pg_basebackup --dbname="$PRIMARY" --pgdata="$data.new" --no-password \
    --wal-method=stream --slot="$SLOT" --checkpoint=fast; do
    say "the primary cannot be copied yet"
    sleep 1
  done
  mv "$data.new" "$data"
}

refuse_other_version() {
  made=$(cat "$data/PG_VERSION")
  runs=$(postgres --version | sed 's/.* \([0-9]*\)\..*/\1/')
  if [ "$made" = "$runs" ]; then return; fi
  say "the data is of PostgreSQL $made, this image is $runs: dump it with $made and restore it into a new database"
  exit 1
}

if [ -d "$volume/data" ]; then
  say "the volume has the data of a MariaDB: dump it there and restore it into a database of another name"
  exit 1
fi
until read_role && [ "$role" != fenced ]; do sleep 0.2; done
SLOT=slipway_$SLIPWAY_NODE
PRIMARY="host=$SLIPWAY_DATABASE user=slipway_replication passfile=$control/pgpass connect_timeout=5"
case $role in
primary)
  [ -s "$data/PG_VERSION" ] || make_empty
  ;;
rebuild)
  # Of one that was a primary itself, what nobody else has stays beside.
  if [ -s "$data/PG_VERSION" ] && [ ! -e "$data/standby.signal" ]; then
    rm -rf "$data.diverged"
    mv "$data" "$data.diverged"
  fi
  rm -rf "$data"
  copy_primary
  write_role replica
  ;;
replica)
  [ -s "$data/PG_VERSION" ] || copy_primary
  ;;
esac
refuse_other_version
[ "$role" = primary ] || touch "$data/standby.signal"

cat >"$control/pg_hba.conf" <<END
local all postgres peer
host all postgres all reject
host replication slipway_replication,slipway_backup all scram-sha-256
host all all all scram-sha-256
END
chmod 0700 "$data"
exec postgres -D "$data" -c hba_file="$control/pg_hba.conf" -c unix_socket_directories=/run/postgresql \
  -c primary_conninfo="$PRIMARY application_name=$SLOT" -c primary_slot_name="$SLOT" "$@"
