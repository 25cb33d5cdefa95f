import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ReleaseInputs } from "../../provider/release.ts";
import type * as spec from "../spec/index.ts";
import { hardening, REPLACE_ON_CHANGES } from "./hardening.ts";
import { addressOf } from "./internal-ports.ts";
import { labelsFor } from "./labels.ts";
import type { Owner } from "./labels.ts";
import { hostPathOf } from "./route-rules.ts";
import type { RouteRules } from "./route-rules.ts";
import { Release } from "./slipway-resources.ts";

/** Inputs of {@link Service}. */
export interface ServiceArgs {
  /** Whose service it is. */
  owner: Owner;
  /** Name within the environment; neighbours reach the service by it. */
  service: string;
  spec: spec.Service;
  /** Image by digest. A change releases a new version. */
  image: pulumi.Input<string>;
  /** Version that the image is, for people. */
  version: pulumi.Input<string>;
  /** Network of the environment. */
  network: pulumi.Input<string>;
  /** Volumes by their name in the specification. */
  volumes: Record<string, ServiceVolume>;
  /** Ports of the proxy under which the environment's services reach each other, by service. */
  internalPorts: Readonly<Record<string, number>>;
  /** Commit that is deployed, for the history of releases. */
  commit?: pulumi.Input<string | undefined>;
  /** Releases that stay listed for a rollback. */
  keepReleases: number;
  /** What requests have to fulfil, by route. A change replaces nothing. */
  rules: RouteRules;
}

/** A volume as a service mounts it. */
export interface ServiceVolume {
  volumeName: pulumi.Input<string>;
  readOnly: boolean;
}

/**
 * A long-running program: its containers, and the release that leads traffic to them. A change starts new containers
 * beside the old; the old ones go when the release has drained them, and stay when the new ones are no good.
 *
 * Creates `${name}-1` … `${name}-N` and `${name}-release`.
 */
export class Service extends pulumi.ComponentResource {
  /** Image that serves, by digest. */
  readonly image: pulumi.Output<string>;
  /** Version that serves. */
  readonly version: pulumi.Output<string>;
  /** Commit that it was deployed from first; undefined outside of a git repository. */
  readonly commit: pulumi.Output<string | undefined>;
  /** When it took over, in ISO 8601. */
  readonly releasedAt: pulumi.Output<string>;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Service", name, {}, opts);

    const { spec, owner, service } = args;
    const containerArgs = planContainer(args);
    const containers = Array.from(
      { length: spec.replicas },
      (_, index) =>
        new docker.Container(`${name}-${index + 1}`, containerArgs, {
          parent: this,
          // The provider would delete first: here the old container serves until the release has left it.
          deleteBeforeReplace: false,
          replaceOnChanges: REPLACE_ON_CHANGES,
        }),
    );
    const release = new Release(
      `${name}-release`,
      {
        namespace: owner.namespace,
        environment: owner.environment,
        service,
        network: args.network,
        containers: containers.map((container) => container.name),
        image: args.image,
        version: args.version,
        port: spec.port,
        internalPort: args.internalPorts[service],
        health: releaseHealth(spec.health),
        sticky: spec.sticky,
        rolling: spec.rolling,
        steadySeconds: spec.steadySeconds,
        stopSeconds: spec.stopSeconds,
        commit: args.commit,
        keepReleases: args.keepReleases,
        hosts: spec.routes.map(hostPathOf).sort(),
        rules: args.rules,
        drainSeconds: spec.drainSeconds,
        gateSeconds: spec.gateSeconds,
        pidsLimit: spec.pidsLimit,
        allowRoot: spec.relax.allowRoot,
      },
      { parent: this },
    );

    this.image = release.image;
    this.version = release.version;
    this.commit = release.commit;
    this.releasedAt = release.releasedAt;
    const { image, version, commit, releasedAt } = this;
    this.registerOutputs({ image, version, commit, releasedAt });
  }
}

/** What each of a service's containers is made of. */
export function planContainer(args: ServiceArgs): docker.ContainerArgs {
  const { spec, owner, service } = args;
  return {
    ...hardening({ ...spec, ...spec.relax }),
    image: args.image,
    envs: pulumi.output(args.version).apply((version) =>
      toSortedPairs({
        ...resolveLinks(args),
        SLIPWAY_ENVIRONMENT: owner.environment,
        SLIPWAY_SERVICE: service,
        SLIPWAY_VERSION: version,
      }),
    ),
    labels: pulumi
      .output(args.version)
      .apply((version) => labelsFor(owner, { service, role: "app", version, links: linksOf(spec) })),
    user: spec.user,
    networksAdvanced: [{ name: args.network, aliases: [service] }],
    volumes: planMounts(spec.mounts, args.volumes),
    healthcheck: healthcheckOf(spec.health),
    // The release starts it, once an old one has been stopped.
    ...(spec.rolling !== undefined && { start: false, mustRun: false }),
    restart: "unless-stopped",
    // The release watches the container itself, and sooner than the provider's wait of whole seconds would.
    wait: false,
    destroyGraceSeconds: spec.stopSeconds,
  };
}

/** What the proxy cannot ask, the engine does, so that a hung program is seen. */
function healthcheckOf(health: spec.Service["health"]): docker.ContainerArgs["healthcheck"] {
  if (health?.kind !== "command") return undefined;
  return {
    tests: ["CMD", ...health.command],
    interval: `${health.everySeconds}s`,
    timeout: `${health.timeoutSeconds}s`,
    retries: health.failures,
  };
}

function releaseHealth(health: spec.Service["health"]): ReleaseInputs["health"] {
  if (!health) return undefined;
  const { everySeconds, timeoutSeconds, failures } = health;
  const rhythm = { everySeconds, timeoutSeconds, failures };
  if (health.kind === "command") return { command: [...health.command], ...rhythm };
  return { path: health.path, host: health.host, ...rhythm };
}

/** Where volumes appear in a container. */
export function planMounts(mounts: spec.Service["mounts"], volumes: Record<string, ServiceVolume>) {
  return mounts.flatMap(({ volume, path }) => {
    const mounted = volumes[volume];
    return mounted ? [{ containerPath: path, ...mounted }] : [];
  });
}

function linksOf({ env }: spec.Service): string[] {
  return Object.values(env).flatMap((value) => (typeof value === "string" ? [] : [value.service]));
}

/** Who links, and from where. */
type LinkingArgs = Pick<ServiceArgs, "owner" | "internalPorts"> & { spec: Pick<spec.Service, "env"> };

/** A program's environment variables, with links as the addresses that they stand for. */
export function resolveLinks({ spec, owner, internalPorts }: LinkingArgs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(spec.env).map(([key, value]) => [
      key,
      typeof value === "string" ? value : addressOf(owner.environment, value, internalPorts[value.service]),
    ]),
  );
}

/** Environment variables as the docker provider takes them. */
export function toSortedPairs(env: Record<string, string>): string[] {
  return Object.entries(env)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}
