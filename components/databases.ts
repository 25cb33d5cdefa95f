import * as pulumi from "@pulumi/pulumi";
import { Backups } from "./docker/database/backups.ts";
import { databaseImage } from "./docker/database/database-image.ts";
import type { DatabaseImages } from "./docker/database/database-image.ts";
import { Database } from "./docker/database/database.ts";
import { loginsOf } from "./docker/database/logins.ts";
import { ownPasswords } from "./docker/database/own-passwords.ts";
import type { Owner } from "./docker/labels.ts";
import type { Origin } from "./origin.ts";
import type { PlatformAccess } from "./platform-access.ts";
import type { Secrets } from "./secrets.ts";
import type * as spec from "./spec/index.ts";
import { choice } from "./spec/suggestion.ts";

/** What the databases of an environment are made from. */
export interface DatabasesArgs {
  spec: spec.Environment;
  owner: Owner;
  /** Network of the environment. */
  network: pulumi.Input<string>;
  secrets: Secrets;
  /** Undefined only where there is no database. */
  databaseImages?: DatabaseImages & { node: string };
  /** Takes the images of what backs them up. */
  platform: Pick<PlatformAccess, "registry">;
  /** Who builds where, for the record. */
  origin?: Origin | undefined;
  /** Image with a shell and the usual file commands. */
  helperImage: string;
  /** Number of the server that takes writes, by database, where it is not the first one. */
  primaries?: Readonly<Record<string, number>>;
}

/** Makes the database servers of an environment, each with what it is made of. */
export function createDatabases(
  name: string,
  { spec, secrets, owner, network, databaseImages, platform, origin, helperImage, primaries = {} }: DatabasesArgs,
  opts: pulumi.ComponentResourceOptions,
): Record<string, Database> {
  const made = Object.entries(spec.databases).map(([key, database]) => {
    if (!databaseImages) throw new TypeError("a database without images");
    const own = ownPasswords(key);
    const args = {
      ...{ owner, network, database: key, spec: database, retained: spec.keepData },
      image: databaseImage(key, database, databaseImages),
      primary: primaries[key] ?? 1,
      logins: pulumi.secret(loginsOf(key, spec, secrets)),
      replicationPassword: pulumi.secret(secrets.reveal(own.replication)),
      backupPassword: pulumi.secret(secrets.reveal(own.backup)),
    };
    const server = new Database(`${name}-${key}`, args, opts);
    const { backup } = database;
    if (backup) {
      const { registry } = platform;
      const means = { registry, origin, secrets, helperImage, nodeImage: databaseImages.node };
      new Backups(`${name}-${key}-backup`, { ...args, ...means, backup }, { ...opts, dependsOn: server.ready });
    }
    return [key, server] as const;
  });
  return Object.fromEntries(made);
}

/** What has to be there before a program starts. */
export function usedBy(
  program: Pick<spec.Service, "database"> | undefined,
  servers: Readonly<Record<string, Database>>,
): pulumi.Resource[] {
  const access = program?.database;
  const server = access && servers[access.server];
  return server ? [server.ready] : [];
}

/** What tells a program's data from other data of the same name; undefined for a program without a database. */
export function dataUsedBy(
  { database: access }: Pick<spec.Service, "database">,
  servers: Readonly<Record<string, Database>>,
): pulumi.Output<string | undefined> | undefined {
  return access && servers[access.server]?.data.apply((data) => data?.[access.database]);
}

/**
 * A primary of no database would be a promotion that never happens.
 *
 * @throws {pulumi.RunError} naming the setting, and what there is.
 */
export function refuseUnknownPrimaries(
  primaries: Readonly<Record<string, number>>,
  databases: spec.Environment["databases"],
): void {
  for (const [name, node] of Object.entries(primaries)) {
    const place = `slipway:primaries.${name}`;
    if (!Object.hasOwn(databases, name)) {
      throw new pulumi.RunError(
        `${place}: must be a database of this environment${choice(name, Object.keys(databases))}`,
      );
    }
    if (Number.isInteger(node) && node >= 1 && node <= 6) continue;
    throw new pulumi.RunError(`${place}: must be the number of a server, from 1 to 6, got ${node}`);
  }
}
