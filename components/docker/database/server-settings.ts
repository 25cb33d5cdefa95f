import type * as spec from "../../spec/index.ts";

/**
 * Settings of a server as arguments of its program: caches and connections follow from its memory, and what it has
 * acknowledged is on disk. The stack file's own come last, so that they count.
 */
export function serverArguments({ engine, memoryMb, settings }: spec.Database): string[] {
  const ours = engine === "postgres" ? postgresSettings(memoryMb) : mariadbSettings(memoryMb);
  const all = Object.entries({ ...ours, ...settings });
  return all.flatMap(([name, value]) => (engine === "postgres" ? ["-c", `${name}=${value}`] : [`--${name}=${value}`]));
}

function postgresSettings(memoryMb: number): Record<string, string> {
  const connections = connectionsFor(memoryMb);
  return {
    listen_addresses: "*",
    max_connections: String(connections),
    shared_buffers: `${Math.floor(memoryMb / 4)}MB`,
    effective_cache_size: `${Math.floor(memoryMb * 0.6)}MB`,
    maintenance_work_mem: `${clamp(memoryMb / 16, 8, 1024)}MB`,
    work_mem: `${clamp((memoryMb * 1024) / 4 / connections, 1024, 65_536)}kB`,
    // A replica that stays away longer is copied anew, before the primary's disk is full.
    max_slot_wal_keep_size: "2GB",
  };
}

function mariadbSettings(memoryMb: number): Record<string, string> {
  return {
    bind_address: "*",
    binlog_expire_logs_seconds: "172800",
    binlog_format: "ROW",
    character_set_server: "utf8mb4",
    gtid_strict_mode: "ON",
    innodb_buffer_pool_size: `${Math.floor(memoryMb < 1024 ? memoryMb / 4 : memoryMb / 2)}M`,
    innodb_flush_log_at_trx_commit: "1",
    log_bin_trust_function_creators: "ON",
    max_connections: String(connectionsFor(memoryMb)),
    skip_name_resolve: "ON",
    sync_binlog: "1",
  };
}

function connectionsFor(memoryMb: number): number {
  return clamp(memoryMb / 5, 20, 200);
}

function clamp(value: number, least: number, most: number): number {
  return Math.floor(Math.min(most, Math.max(least, value)));
}
