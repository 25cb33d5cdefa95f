import * as pulumi from "@pulumi/pulumi";
import { releasesOf } from "./promotion.ts";
import type { PromotedRelease, Promotions } from "./promotion.ts";
import type * as spec from "./spec/index.ts";

/** Counts the commits that are in one version and not in another; undefined where the repository lacks one of them. */
export type CountCommits = (from: string, to: string) => Promise<number | undefined>;

/** Tells in a preview which version and which commits each service would get from another stack. */
export async function previewPromotions(
  { project, stack, countCommits }: { project: string; stack: string; countCommits: CountCommits },
  { services }: spec.Environment,
  promotions: Promotions,
): Promise<void> {
  const promoted = Object.entries(services).flatMap(([name, { source }]) => {
    const release = source.kind === "stack" ? promotions[source.stack]?.[source.service] : undefined;
    return release && source.kind === "stack" ? [{ name, from: source.stack, release }] : [];
  });
  if (promoted.length === 0) return;
  const running = (await releasesOf(project, stack)) ?? {};
  for (const { name, from, release } of promoted) {
    const current = running[name];
    if (current?.image === release.image) continue;
    await pulumi.log.info(`${name}: ${await changeOf(current, release, from, countCommits)}`);
  }
}

async function changeOf(
  current: PromotedRelease | undefined,
  next: PromotedRelease,
  stack: string,
  countCommits: CountCommits,
): Promise<string> {
  const before = current === undefined ? "" : `${current.version} → `;
  return `${before}${next.version} from ${stack}${await commitsOf(current?.commit, next.commit, countCommits)}`;
}

async function commitsOf(
  from: string | undefined,
  to: string | undefined,
  countCommits: CountCommits,
): Promise<string> {
  if (to === undefined) return "";
  if (from === undefined || from === to) return `, commit ${to}`;
  const count = await countCommits(from, to);
  const counted = count === undefined ? "commits" : count === 1 ? "1 commit" : `${count} commits`;
  return `, ${counted} ${from}..${to}`;
}
