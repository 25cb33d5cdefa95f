import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseImages } from "./docker/database/database-image.ts";
import type { RegistryAccess } from "./docker/registry.ts";
import { SlipwayProvider } from "./docker/slipway-resources.ts";
import type { Origin } from "./origin.ts";
import { PLATFORM_STACK, readPlatform } from "./platform-access.ts";
import type { PlatformAccess } from "./platform-access.ts";
import type { PlatformImages } from "./platform.ts";
import { previewPromotions } from "./promotion-preview.ts";
import type { CountCommits } from "./promotion-preview.ts";
import { readPromotions } from "./promotion.ts";
import { readShares } from "./shares.ts";
import { resourcePrefix } from "./spec/index.ts";
import type { SecretSources } from "./secrets.ts";
import type * as spec from "./spec/index.ts";

/** What a stack file declares. */
export type Declaration = spec.Environment | spec.Platform;

/** What a deploy needs to know beyond the stack file. */
export interface DeployContext {
  /** Project, as Pulumi.yaml names it. */
  project: string;
  /** Stack that is deployed; it names the environment. */
  stack: string;
  /** First word of all that this installation owns on an engine. */
  namespace: string;
  images: PlatformImages & DatabaseImages;
  /** Commit that is deployed; undefined outside of a git repository. */
  commit?: pulumi.Input<string | undefined>;
  /** Who deploys what from where. */
  origin: Promise<Origin>;
  /** Looks into the repository's history, for what a preview tells. */
  countCommits: CountCommits;
  /** Services that stay on an earlier image, by service: `name@sha256:…`. */
  pins: Readonly<Record<string, string>>;
  /** Number of the server that takes writes, by database, where it is not the first one. */
  primaries: Readonly<Record<string, number>>;
  /** Versions that data packages stay on, by volume: digests. */
  packages: Readonly<Record<string, string>>;
  /** Places of the stack file whose data is given up, such as `volumes.uploads`. */
  abandoned: readonly string[];
  /** Where the values of secrets come from. */
  secrets: SecretSources;
  /** Address of the engine where a stack file names none; undefined for Docker's own default. */
  dockerHost: string | undefined;
}

/** Registers the resources of a checked declaration and returns the outputs of its stack. */
export async function deploy(declaration: Declaration, context: DeployContext): Promise<pulumi.Inputs> {
  return declaration.kind === "platform"
    ? await deployPlatform(declaration, context)
    : await deployEnvironment(declaration, context);
}

async function deployPlatform(platform: spec.Platform, context: DeployContext) {
  const { stack, namespace, images, secrets, dockerHost } = context;
  const { Platform } = await import("./platform.ts");
  const providers = {
    slipway: slipwayProvider(stack, platform.target),
    docker: dockerProvider(stack, platform.target),
  };
  const origin = await context.origin;
  return new Platform(stack, { spec: platform, namespace, images, secrets, origin, dockerHost }, { providers }).outputs;
}

async function deployEnvironment(environment: spec.Environment, context: DeployContext) {
  const { project, stack, namespace, images, commit, pins, packages, primaries, abandoned, secrets } = context;
  // Registered first: Pulumi starts this plugin and decrypts the platform's outputs while the rest is loaded.
  const slipway = slipwayProvider(stack, environment.target);
  const [{ Environment }, platform, promotions, shares, origin] = await Promise.all([
    import("./environment.ts"),
    readPlatform(project),
    readPromotions(project, stack, environment, pins),
    readShares(project, stack, environment),
    context.origin,
  ]);
  refuseIdleJobs(environment, platform);
  refuseUnknownAuthority(environment, platform);
  refuseUnpublishedPort(environment, platform);
  const providers = { slipway, docker: dockerProvider(stack, environment.target, platform.registry) };
  const { urls, releases, volumes, passwords } = new Environment(
    resourcePrefix(stack),
    {
      spec: environment,
      environment: stack,
      namespace,
      platform,
      helperImage: images.haproxy,
      databaseImages: images,
      primaries,
      commit,
      origin,
      pins,
      packages,
      abandoned,
      promotions,
      shares,
      secrets,
    },
    { providers },
  );
  if (pulumi.runtime.isDryRun()) await previewPromotions(context, environment, promotions);
  return { urls, releases, volumes, commit, ...(Object.keys(passwords).length > 0 && { passwords }) };
}

/** Jobs that nobody starts would look as if they were done. Those without schedule the deploy runs itself. */
function refuseIdleJobs({ jobs, databases }: spec.Environment, { supervisor }: PlatformAccess): void {
  const scheduled = Object.keys(jobs).filter((name) => jobs[name]?.schedule !== undefined);
  const backedUp = Object.keys(databases).filter((name) => databases[name]?.backup);
  const [place] = [...scheduled.map((name) => `jobs.${name}`), ...backedUp.map((name) => `databases.${name}.backup`)];
  if (place === undefined || supervisor) return;
  throw new pulumi.RunError(
    `${place}: must have a supervisor on the platform to start it, got none; ` +
      "take supervisor: false out of stacks/platform.ts, or deploy the stack platform again if it is older than that setting",
  );
}

/** A certificate has to be ordered somewhere. */
function refuseUnknownAuthority({ certificate }: spec.Environment, { acme }: PlatformAccess): void {
  if (certificate.kind !== "acme" || acme) return;
  throw new pulumi.RunError(
    "certificate: must have an authority on the platform to be ordered from, got none; " +
      'set acme: { email: "you@example.org" } in stacks/platform.ts and deploy the stack platform',
  );
}

/** Nothing would answer there. */
function refuseUnpublishedPort({ port }: spec.Environment, { environmentPorts: range }: PlatformAccess): void {
  if (port === undefined || (range && port >= range.first && port <= range.last)) return;
  const known = range ? `from ${range.first} to ${range.last}, which the platform has for environments` : "left out";
  const remedy = `pulumi config set slipway:environmentPorts <first>-<last> -s ${PLATFORM_STACK} has the platform publish ports`;
  throw new pulumi.RunError(`port: must be ${known}, got ${port}; ${remedy}`);
}

function slipwayProvider(stack: string, target: spec.Target): SlipwayProvider {
  return new SlipwayProvider(`${stack}-slipway`, { host: target.host });
}

function dockerProvider(stack: string, target: spec.Target, registry?: RegistryAccess): docker.Provider {
  const registryAuth = registry && [{ address: registry.address, ...registry.pull }];
  return new docker.Provider(`${stack}-docker`, { host: target.host, registryAuth });
}
