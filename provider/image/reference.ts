/** The parts of an image reference such as `127.0.0.1:5000/shop/web:1.2@sha256:…`. */
export interface ImageReference {
  /** Registry host, with its port; `docker.io` where none is written. */
  registry: string;
  /** All before the tag or digest, as the user wrote it. */
  repository: string;
  tag?: string;
  digest?: string;
}

/** Splits an image reference as the docker CLI does. */
export function parseReference(reference: string): ImageReference {
  const [named = "", digest] = reference.split("@");
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const repository = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const [first = "", ...rest] = repository.split("/");
  const isHost = rest.length > 0 && (first === "localhost" || /[.:]/.test(first));
  return { registry: isHost ? first : "docker.io", repository, tag, digest };
}

/** Finds a local image's digest reference in the repository of `reference`; empty when it was neither pushed nor pulled. */
export function repoDigestOf(reference: string, repoDigests: readonly string[] = []): string {
  const { repository } = parseReference(reference);
  return repoDigests.find((candidate) => parseReference(candidate).repository === repository) ?? "";
}
