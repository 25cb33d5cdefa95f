import * as pulumi from "@pulumi/pulumi";
import type * as spec from "../../spec/index.ts";

/** Images of database servers, by engine. */
export type DatabaseImages = Readonly<Record<spec.DatabaseEngine, string>>;

/**
 * The image of a database: as it is set, or the official one's other version.
 *
 * @throws {pulumi.RunError} when the image that is set is of another version than the stack file says.
 */
export function databaseImage(name: string, { engine, version }: spec.Database, images: DatabaseImages): string {
  const image = images[engine];
  if (version === undefined) return image;
  const tag = image.slice(image.lastIndexOf(":") + 1);
  if (tag === version || tag.startsWith(`${version}.`) || tag.startsWith(`${version}-`)) return image;
  const official = `docker.io/library/${engine}:`;
  if (image.startsWith(official)) return `${official}${version}`;
  throw new pulumi.RunError(
    `databases.${name}.version: must be ${tag}, of which there is an image, got ${version}; ` +
      `SLIPWAY_IMAGE_${engine.toUpperCase()} names the one of another version, instead of ${image}`,
  );
}
