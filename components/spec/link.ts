/** Stands for the address of another service of the same environment; made by {@link link}. */
export interface Link {
  readonly kind: "link";
  /** Name of the service that is linked to. */
  readonly service: string;
}

/** A checked link, with the port that the service listens on. */
export interface ResolvedLink extends Link {
  readonly port: number;
}

/**
 * Stands for the address of another service of the same environment; the target decides what it looks like.
 *
 * @example
 * env: { API: link("api") }
 */
export function link(service: string): Link {
  return { kind: "link", service };
}
