import type { RecordedRelease } from "../stack/releases.ts";
import type { BuildRecord, TracedStack } from "./records.ts";

/** A service of a stack. */
export interface Found {
  stack: TracedStack;
  release: RecordedRelease;
}

/** Finds the service that answers at an address: the one with the longest path of that host. */
export function findByUrl(url: URL, stacks: readonly TracedStack[]): Found | undefined {
  const asked = `${url.hostname}${url.pathname}`.replace(/\/*$/, "/");
  const routes = servicesOf(stacks).flatMap((found) => found.release.hosts.map((host) => ({ host, ...found })));
  return routes.filter(({ host }) => asked.startsWith(`${host}/`)).sort((a, b) => b.host.length - a.host.length)[0];
}

/** Finds the service that a container is recorded for. */
export function findByContainer(name: string, stacks: readonly TracedStack[]): Found | undefined {
  return servicesOf(stacks).find(({ release }) => release.released.includes(name));
}

/** Finds a service by the stack's own name for it. */
export function findByLabels(environment: string, service: string, stacks: readonly TracedStack[]): Found | undefined {
  return servicesOf(stacks).find(({ release }) => release.environment === environment && release.service === service);
}

/** What all stacks together know of an image: its tags, sorted, and its first build. */
export function knownOf(digest: string, stacks: readonly TracedStack[]): { tags: string[]; build?: BuildRecord } {
  const builds = stacks.flatMap((stack) => stack.builds).filter((build) => build.digest === digest);
  const placed = stacks.flatMap((stack) => stack.tags).filter((tagged) => tagged.digest === digest);
  const tags = [...new Set([...builds, ...placed].flatMap((each) => each.tags))].sort();
  const [build] = builds.sort((a, b) => (a.at < b.at ? -1 : 1));
  return { tags, ...(build && { build }) };
}

function servicesOf(stacks: readonly TracedStack[]): Found[] {
  return stacks.flatMap((stack) => [...stack.releases.values()].map((release) => ({ stack, release })));
}
