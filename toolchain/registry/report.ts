import { paint } from "../report.ts";
import { shortDigest, table } from "../stack/table.ts";
import type { Inventory } from "./collect.ts";
import type { Verdict } from "./retention.ts";

const MEGABYTE = 1_000_000;

/** What becomes of each image, for programs. */
export function jsonOf(verdicts: readonly Verdict[], blobs: Inventory["blobs"], dryRun: boolean): string {
  const images = verdicts.map(({ repository, digest, tags, built, kept, usedBy }) => ({
    ...{ repository, digest, tags, built: new Date(built).toISOString() },
    ...(kept === undefined ? { removed: true } : { removed: false, why: kept, usedBy }),
  }));
  return `${JSON.stringify({ dryRun, freedBytes: freedBytes(verdicts, blobs), images }, undefined, 2)}\n`;
}

/** What is removed, image by image, and how much stays, for people. */
export function textOf(
  verdicts: readonly Verdict[],
  blobs: Inventory["blobs"],
  dryRun: boolean,
  output: NodeJS.WriteStream,
): string {
  const removed = verdicts.filter(({ kept }) => kept === undefined);
  const rows = removed.map(({ repository, digest, tags, built }) => [
    ...[repository, shortDigest(digest), tags.join(", ") || "-", new Date(built).toISOString().slice(0, 10)],
  ]);
  const list = rows.length === 0 ? "" : `${table(["repository", "image", "tags", "built"], rows)}\n`;
  const count = (why: Verdict["kept"]) => verdicts.filter(({ kept }) => kept === why).length;
  const parts = count("part") > 0 ? `, ${count("part")} part of them` : "";
  const kept = `${count("deployed")} deployed, ${count("version")} with a version, ${count("recent")} recent${parts}`;
  const freed = (freedBytes(verdicts, blobs) / MEGABYTE).toFixed(1);
  const verb = dryRun ? "images that would be removed" : "images removed";
  const sign = dryRun ? "" : `${paint(output).green("✔")} `;
  return `${list}${sign}Registry: ${verb}: ${removed.length} (${freed} MB); kept: ${kept}\n`;
}

/** Bytes of the blobs that only removed images refer to. */
export function freedBytes(verdicts: readonly Verdict[], blobs: Inventory["blobs"]): number {
  const of = (image: Verdict) => blobs.get(`${image.repository}@${image.digest}`) ?? new Map<string, number>();
  const kept = new Set(verdicts.filter((image) => image.kept !== undefined).flatMap((image) => [...of(image).keys()]));
  const removed = new Map(verdicts.filter((image) => image.kept === undefined).flatMap((image) => [...of(image)]));
  return [...removed].reduce((sum, [digest, size]) => (kept.has(digest) ? sum : sum + size), 0);
}
