import { describe, expect, it } from "vitest";
import { serverArguments } from "../../../../../components/docker/database/server-settings.ts";
import type { Database } from "../../../../../components/spec/index.ts";

const database = (changes: Partial<Database>): Database => ({
  engine: "postgres",
  version: undefined,
  replicas: 0,
  synchronous: false,
  memoryMb: 512,
  cpus: 1,
  settings: {},
  readySeconds: 300,
  backup: undefined,
  data: undefined,
  databases: ["main"],
  ...changes,
});

describe("serverArguments", () => {
  it("derives PostgreSQL's caches and connections from its memory", () => {
    expect(serverArguments(database({}))).toEqual(
      [
        "listen_addresses=*",
        "max_connections=102",
        "shared_buffers=128MB",
        "effective_cache_size=307MB",
        "maintenance_work_mem=32MB",
        "work_mem=1285kB",
        "max_slot_wal_keep_size=2GB",
      ].flatMap((setting) => ["-c", setting]),
    );
  });

  it("derives MariaDB's caches and connections from its memory, and writes to disk what it acknowledges", () => {
    const written = serverArguments(database({ engine: "mariadb", memoryMb: 2048 }));

    expect(written).toContain("--innodb_buffer_pool_size=1024M");
    expect(written).toContain("--max_connections=200");
    expect(written).toContain("--innodb_flush_log_at_trx_commit=1");
    expect(written).toContain("--sync_binlog=1");
  });

  it("lets the stack file's own settings count", () => {
    const written = serverArguments(database({ settings: { max_connections: "7", work_mem: "8MB" } }));

    expect(written.filter((word) => word.startsWith("max_connections"))).toEqual(["max_connections=7"]);
    expect(written.at(-1)).toBe("max_slot_wal_keep_size=2GB");
    expect(written).toContain("work_mem=8MB");
  });
});
