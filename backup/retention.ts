import type { Backup } from "./manifest.ts";

/** What of a database's backups stays. */
export interface Retention {
  /** The newest ones. */
  keep: number;
  /** Those begun within so many days. */
  keepDays: number;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * The backups that go: neither among the newest nor young. The newest that is proven stays whatever its age, and while
 * none is proven the newest that no proof has failed.
 *
 * @param backups of one database and one kind, in any order.
 * @param now milliseconds since 1970.
 */
export function outdated(backups: readonly Backup[], { keep, keepDays }: Retention, now: number): Backup[] {
  const newestFirst = backups.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const lastGood = newestFirst.find(({ proof }) => proof?.ok) ?? newestFirst.find(({ proof }) => proof?.ok !== false);
  const since = now - keepDays * DAY_MS;
  return newestFirst.filter(
    (backup, place) => place >= keep && Date.parse(backup.begun) < since && backup.id !== lastGood?.id,
  );
}
