/** Stands for a base image of the platform; made by {@link base}. */
export interface BaseImage {
  readonly kind: "base";
  /** Name among the platform's `bases`. */
  readonly name: string;
}

/**
 * Stands for a base image that the platform builds, by digest: another one builds what stands on it anew.
 *
 * @example
 * build: { context: "web", args: { NODE_IMAGE: base("node") } }
 */
export function base(name: string): BaseImage {
  return { kind: "base", name };
}
