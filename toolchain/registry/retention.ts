/** What is kept beyond what is deployed and what has a version. */
export interface Retention {
  /** The newest images of each repository. */
  count: number;
  /** Images built within so many days. */
  days: number;
}

/** An image of a repository. */
export interface StoredImage {
  repository: string;
  digest: string;
  tags: readonly string[];
  /** When it was built, in milliseconds since 1970. */
  built: number;
  /** Digests of the single platforms that it is an index of. */
  children: readonly string[];
}

/** Why an image stays; `undefined` is none. */
export type Reason = "deployed" | "version" | "recent" | "part" | undefined;

/** An image with what becomes of it. */
export interface Verdict extends StoredImage {
  /** Undefined for one that is removed. */
  kept: Reason;
  /** Stacks and containers that run it. */
  usedBy: readonly string[];
}

/** What decides. */
export interface Circumstances {
  retention: Retention;
  /** What is deployed, by `repository@digest` or by digest alone: stacks and containers. */
  used: ReadonlyMap<string, ReadonlySet<string>>;
  /** True for repositories whose environment is gone: age and number keep nothing of them. */
  isAbandoned: (repository: string) => boolean;
  /** Milliseconds since 1970. */
  now: number;
}

const VERSION = /^v?\d+\.\d+\.\d+([-+_].*)?$/;
const DAY_MS = 24 * 3600 * 1000;

/**
 * Decides for each image whether it stays: when it is deployed anywhere, when a tag of it is a version, when it is one of
 * the newest of its repository or was built not long ago, or when it is part of one that stays.
 */
export function decide(images: readonly StoredImage[], circumstances: Circumstances): Verdict[] {
  const byRepository = Map.groupBy(images, ({ repository }) => repository);
  return [...byRepository.values()].flatMap((own) => decideRepository(own, circumstances));
}

function decideRepository(images: readonly StoredImage[], circumstances: Circumstances): Verdict[] {
  const { retention, isAbandoned, now } = circumstances;
  const parts = new Set(images.flatMap(({ children }) => children));
  const whole = images.filter(({ digest }) => !parts.has(digest)).sort((a, b) => b.built - a.built);
  const since = now - retention.days * DAY_MS;
  const recent = whole.filter(({ built }, place) => place < retention.count || built >= since);
  const newest = new Set(images.some(({ repository }) => isAbandoned(repository)) ? [] : recent);
  const reasons = new Map(
    images.map((image): [string, Reason] => {
      if (usersOf(image, circumstances).length > 0) return [image.digest, "deployed"];
      if (image.tags.some((tag) => VERSION.test(tag))) return [image.digest, "version"];
      return [image.digest, newest.has(image) ? "recent" : undefined];
    }),
  );
  const ofKept = new Set(images.filter(({ digest }) => reasons.get(digest)).flatMap(({ children }) => children));
  return images.map((image) => ({
    ...image,
    kept: reasons.get(image.digest) ?? (ofKept.has(image.digest) ? "part" : undefined),
    usedBy: usersOf(image, circumstances),
  }));
}

/** A digest alone may be that of the same content elsewhere, which keeps nothing of an environment that is gone. */
function usersOf({ repository, digest }: StoredImage, { used, isAbandoned }: Circumstances): string[] {
  const names = [`${repository}@${digest}`, ...(isAbandoned(repository) ? [] : [digest])];
  return [...new Set(names.flatMap((name) => [...(used.get(name) ?? [])]))].sort();
}

/** Tells the repositories of review environments whose stack is gone: `<namespace>/review-…/…`. */
export function abandonedBy(namespace: string, stacks: readonly string[]): (repository: string) => boolean {
  return (repository) => {
    const [first, environment = ""] = repository.split("/");
    return first === namespace && environment.startsWith("review-") && !stacks.includes(environment);
  };
}
