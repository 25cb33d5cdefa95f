import * as pulumi from "@pulumi/pulumi";
import { refuseMissingBases } from "./bases.ts";
import { presentCertificate } from "./certificate.ts";
import { dataOf, ownVolumes, refuseAbandonedYetDeclared } from "./data.ts";
import { createDatabases, refuseUnknownPrimaries } from "./databases.ts";
import type { DatabaseImages } from "./docker/database/database-image.ts";
import { internalPorts } from "./docker/internal-ports.ts";
import { Network } from "./docker/network.ts";
import type { Service } from "./docker/service.ts";
import { Attachment, DataVolumes, EnginePlace, ImageTags } from "./docker/slipway-resources.ts";
import { tagsOf } from "./origin.ts";
import type { Origin } from "./origin.ts";
import type { PlatformAccess } from "./platform-access.ts";
import { createPrograms } from "./programs.ts";
import type { Promotions } from "./promotion.ts";
import { createSecrets, refuseMissingSecrets, secretsOf } from "./secrets.ts";
import type { SecretSources } from "./secrets.ts";
import type { Shares } from "./shares.ts";
import type * as spec from "./spec/index.ts";
import { createVolumes } from "./volumes.ts";

/** Inputs of {@link Environment}. */
export interface EnvironmentArgs {
  spec: spec.Environment;
  /** Name on the engine, where the resources have a shorter one. @default - the component's own name */
  environment?: string;
  /** First word of all that this installation owns on the engine. */
  namespace: string;
  /** Platform of the same engine. */
  platform: PlatformAccess;
  /** Commit that is deployed, for the history of releases. */
  commit?: pulumi.Input<string | undefined>;
  /** Services that stay on an earlier image, by service: `name@sha256:…`. Nothing is built anew for them. */
  pins: Readonly<Record<string, string>>;
  /** Versions that data packages stay on, by volume: digests. @default {} */
  packages?: Readonly<Record<string, string>>;
  /** Who deploys what from where: the record of builds, and tags. @default - no record, no tags */
  origin?: Origin | undefined;
  /** What other stacks run, as far as images are taken from them. @default {} */
  promotions?: Promotions;
  /** Volumes of other stacks on the engine, by the name that they have here. @default {} */
  shares?: Shares;
  /** Image with a shell and the usual file commands, for delivering data packages and secrets. */
  helperImage: string;
  /** Images of database servers. @default - none, where there is no database */
  databaseImages?: DatabaseImages & { node: string };
  /** Number of the server that takes writes, by database. @default {} - the first one */
  primaries?: Readonly<Record<string, number>>;
  /** Where the values of its secrets come from. */
  secrets: SecretSources;
  /** Places of the stack file whose data is given up, such as `volumes.uploads`. @default [] */
  abandoned?: readonly string[];
}

/** What runs of one service, for `pulumi stack output`. */
export interface ReleaseOutput {
  /** Image by digest. */
  image: string;
  version: string;
  /** Commit that it was deployed from first; undefined outside of a git repository. */
  commit?: string | undefined;
  /** When it took over, in ISO 8601. */
  when: string;
}

/**
 * One environment: its network, certificate, volumes, images and services, joined to the platform's proxy.
 *
 * Creates `${name}-engine`, `${name}-data`, `${name}-network`, `${name}-attachment`, `${name}-certificate`, `${name}-presented` and, for each volume,
 * generated secret, database, service and job, `${name}-<its name>` with what belongs to it.
 */
export class Environment extends pulumi.ComponentResource {
  /** Addresses that lead to each service. */
  readonly urls: pulumi.Output<Record<string, string[]>>;
  /** What runs of each service. */
  readonly releases: pulumi.Output<Record<string, ReleaseOutput>>;
  /** Its own volumes on the engine, by name. */
  readonly volumes: Record<string, string>;
  /** Passwords that were made, by the name of their secret. Secret. */
  readonly passwords: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: EnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    const { environment = name } = args;
    refuseMissingSecrets(environment, secretsOf(args.spec), args.secrets);
    refuseUnknown("pins", args.pins, "service", args.spec.services);
    refuseUnknown("packages", args.packages ?? {}, "data package", packagesOf(args.spec));
    refuseMissingBases(args.spec, args.platform.bases ?? {});
    refuseUnknownPrimaries(args.primaries ?? {}, args.spec.databases);
    const { namespace, abandoned = [], shares = {}, packages = {} } = args;
    const owner = { namespace, environment };
    const data = dataOf(args.spec, owner, args.primaries);
    refuseAbandonedYetDeclared(abandoned, data);
    super("slipway:index:Environment", name, {}, opts);

    const { services, databases, sealed, keepData } = args.spec;
    const guard = new DataVolumes(
      `${name}-data`,
      { environment, data, abandoned: [...abandoned], kept: keepData },
      { parent: this },
    );
    const engine = new EnginePlace(`${name}-engine`, {}, { parent: this });
    // Nothing is touched before it is known that this is the engine, and that no data is left behind.
    const child = { parent: this, dependsOn: [engine, guard] };
    const secrets = createSecrets(name, secretsOf(args.spec), args.secrets, child);
    const network = new Network(name, { owner, sealed, proxied: true }, child);
    const attachment = new Attachment(`${name}-attachment`, { namespace, network: network.networkName }, child);
    const certificate = presentCertificate(name, { ...args, environment, secrets }, child);
    const volumes = createVolumes(name, { ...args, owner, shares, packages }, child);
    const ports = internalPorts(services);
    const { helperImage } = args;
    const place = { owner, network: network.networkName };
    const servers = createDatabases(name, { ...args, ...place, secrets }, child);
    const common = { ...place, databases, volumes, internalPorts: ports, secrets, helperImage };
    const origin = { ...args, reveal: secrets.reveal };
    const running = createPrograms(
      name,
      {
        ...{ spec: args.spec, common, pins: args.pins, origin },
        // The proxy has to be on the network before it can ask a container, and have the certificate before it is asked.
        serviceNeeds: [attachment, certificate],
        servers,
      },
      child,
    );
    tagImages(name, args, running, child);

    this.urls = pulumi.output(args.platform.ports).apply(({ https }) => mapValues(services, (it) => urlsOf(it, https)));
    this.releases = pulumi.output(
      mapValues(running, ({ image, version, commit, releasedAt }) => ({ image, version, commit, when: releasedAt })),
    );
    this.volumes = ownVolumes(args.spec, owner);
    this.passwords = secrets.generated;
    const { urls, releases, passwords } = this;
    this.registerOutputs({ urls, releases, volumes: this.volumes, passwords });
  }
}

/** Tags what the releases of services give, so that no tag names a version whose release has failed. */
function tagImages(
  name: string,
  { spec: { services }, pins, origin, platform }: EnvironmentArgs,
  running: Readonly<Record<string, Service>>,
  opts: pulumi.CustomResourceOptions,
): void {
  if (origin === undefined) return;
  const { address: server, username, password } = platform.registry;
  for (const [key, { image }] of Object.entries(running)) {
    const kind = services[key]?.source.kind;
    if (kind === undefined || kind === "image") continue;
    const tags = tagsOf(origin, { isBuilt: kind === "build" });
    // An earlier image that a pin brings back has its tags.
    const pinned = pins[key] !== undefined && { ignoreChanges: ["image", "tags"] };
    new ImageTags(
      `${name}-${key}-tags`,
      { image, tags, registry: { server, username, password } },
      { ...opts, ...pinned },
    );
  }
}

/** A pin of what there is not would be a rollback that never happens. */
function refuseUnknown(setting: string, pins: object, what: string, there: object): void {
  const unknown = Object.keys(pins).filter((name) => !Object.hasOwn(there, name));
  if (unknown.length === 0) return;
  const known = Object.keys(there).length === 0 ? "there are none" : `there are: ${Object.keys(there).join(", ")}`;
  throw new pulumi.RunError(`slipway:${setting}: ${unknown.join(", ")}: no such ${what}; ${known}`);
}

function packagesOf({ volumes }: spec.Environment): object {
  return Object.fromEntries(Object.entries(volumes).filter(([, { kind }]) => kind === "package"));
}

function urlsOf(service: spec.Service, httpsPort: number): string[] {
  return service.routes.map(
    ({ host, port = httpsPort, path }) => `https://${host}${port === 443 ? "" : `:${port}`}${path}`,
  );
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
