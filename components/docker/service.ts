import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ReleaseInputs } from "../../provider/release.ts";
import type * as spec from "../spec/index.ts";
import { hardening, REPLACE_ON_CHANGES } from "./hardening.ts";
import { labelsFor } from "./labels.ts";
import { storageOf, variablesOf } from "./program.ts";
import type { ProgramArgs } from "./program.ts";
import { hostPathOf } from "./route-rules.ts";
import type { RouteRules } from "./route-rules.ts";
import { Release } from "./slipway-resources.ts";

/** Inputs of {@link Service}. */
export interface ServiceArgs extends ProgramArgs {
  /** Name within the environment; neighbours reach the service by it. */
  service: string;
  spec: spec.Service;
  /** Image by digest. A change releases a new version. */
  image: pulumi.Input<string>;
  /** Version that the image is, for people. */
  version: pulumi.Input<string>;
  /** Network of the environment. */
  network: pulumi.Input<string>;
  /** Commit that is deployed, for the history of releases. */
  commit?: pulumi.Input<string | undefined>;
  /** Releases that stay listed for a rollback. */
  keepReleases: number;
  /** What requests have to fulfil, by route. A change replaces nothing. */
  rules: RouteRules;
}

/**
 * A long-running program: its containers, and the release that leads traffic to them. A change starts new containers
 * beside the old; the old ones go when the release has drained them, and stay when the new ones are no good.
 *
 * Creates `${name}-1` … `${name}-N`, `${name}-release` and, for a service with secrets, `${name}-secrets`.
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
    const containerArgs = { ...planContainer(args), ...storageOf(name, args, { parent: this }) };
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

/** What each of a service's containers is made of, without its storage. */
function planContainer(args: ServiceArgs): docker.ContainerArgs {
  const { spec, owner, service } = args;
  return {
    ...hardening({ ...spec, ...spec.relax }),
    image: args.image,
    envs: variablesOf(service, args, {
      SLIPWAY_ENVIRONMENT: owner.environment,
      SLIPWAY_SERVICE: service,
      SLIPWAY_VERSION: args.version,
    }),
    labels: pulumi
      .output(args.version)
      .apply((version) => labelsFor(owner, { service, role: "app", version, links: linksOf(spec) })),
    user: spec.user,
    networksAdvanced: [{ name: args.network, aliases: [service] }],
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

function linksOf({ env }: spec.Service): string[] {
  return Object.values(env).flatMap((value) =>
    typeof value === "object" && value.kind === "link" ? [value.service] : [],
  );
}
