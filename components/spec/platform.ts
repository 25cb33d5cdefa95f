import { type Fault, SpecificationError } from "./error.ts";
import { platformShape, portSketch } from "./platform-shape.ts";
import { faultsOf } from "./rules.ts";
import type { Target, TargetInput } from "./target.ts";

/** What the environments of one host share, as a stack file writes it. */
export interface PlatformInput {
  /** Where it runs. A change replaces everything. @default { kind: "docker" } */
  target?: TargetInput;
  /** DNS name that the platform's own hosts and its default certificate stand under. A change replaces that certificate. */
  domain: string;
  /** Ports of the host that the reverse proxy listens on. A change replaces the proxy's container. */
  ports?: {
    /** Integer, 1 to 65535. @default 8080 */
    http?: number;
    /** Integer, 1 to 65535. @default 8443 */
    https?: number;
  };
  /** The private registry. */
  registry?: {
    /** Port of the host's loopback address. Integer, 1 to 65535. A change replaces the registry's container. @default 5000 */
    port?: number;
  };
}

/** A checked platform with every default filled in. */
export interface Platform {
  readonly kind: "platform";
  readonly target: Target;
  readonly domain: string;
  readonly ports: { readonly http: number; readonly https: number };
  readonly registry: { readonly port: number };
}

/**
 * Declares what the environments of one host share. This is what `stacks/platform.ts` exports.
 *
 * @throws {SpecificationError} when anything is wrong, with all faults at once.
 *
 * @example
 * export default definePlatform({ domain: "localhost" });
 */
export function definePlatform(input: PlatformInput): Platform {
  const shape = platformShape.safeParse(input);
  const faults = portFaults(input);
  if (!shape.success) throw new SpecificationError([...faultsOf(shape.error), ...faults]);
  if (faults.length > 0) throw new SpecificationError(faults);
  const { target, ...settings } = shape.data;
  return { kind: "platform", target: { kind: "docker", host: target.host }, ...settings };
}

function portFaults(input: unknown): Fault[] {
  const { ports, registry } = portSketch.parse(input);
  const all = [
    { path: "ports.http", port: ports.http },
    { path: "ports.https", port: ports.https },
    { path: "registry.port", port: registry.port },
  ];
  return all.flatMap(({ path, port }, index) => {
    const other = all.slice(0, index).find((earlier) => earlier.port === port);
    return other === undefined
      ? []
      : [{ path, message: `must be a port of its own, got ${port}, as has ${other.path}` }];
  });
}
