/** Stands for the image that a service of another stack runs; made by {@link fromStack}. */
export interface StackImage {
  readonly kind: "stack";
  /** Stack of the same project. */
  readonly stack: string;
  /** Service of that stack. */
  readonly service: string;
}

/**
 * Stands for the image that a service of another stack runs when this one is deployed: built once, promoted by digest.
 *
 * @example
 * web: { image: fromStack("dev", "web"), port: 8080, routes: ["www"], health: { path: "/" } }
 */
export function fromStack(stack: string, service: string): StackImage {
  return { kind: "stack", stack, service };
}
