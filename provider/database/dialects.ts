import type { Dialect } from "./dialect.ts";
import type { DatabasePlan } from "./inputs.ts";
import { mariadb } from "./mariadb.ts";
import { postgres } from "./postgres.ts";

const DIALECTS: Record<DatabasePlan["engine"], Dialect> = { postgres, mariadb };

/** How an engine is spoken to. */
export function dialectOf(engine: DatabasePlan["engine"]): Dialect {
  return DIALECTS[engine];
}
