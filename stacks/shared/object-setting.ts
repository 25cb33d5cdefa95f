import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { SpecificationError } from "../../components/index.ts";
import { faultsOf, flag, integer, must, settings, text } from "../../components/spec/rules.ts";
import { digestReference } from "../../components/spec/service-shape.ts";

/** Images that services stay on, by service: what `npm run rollback` writes. */
export const pinsShape = z.record(z.string(), digestReference, must("be an object of images by service")).default({});

/** Versions that data packages stay on, by volume: what `npm run rollback` writes. */
export const packagesShape = z
  .record(
    z.string(),
    text((value) => /^[0-9a-f]{64}$/.test(value), "be the digest of a version, as npm run rollback writes it"),
    must("be an object of versions by data package"),
  )
  .default({});

/** Servers that take writes, by database: what `npm run promote-replica` writes. */
export const primariesShape = z
  .record(z.string(), integer(1, 6), must("be an object of servers' numbers by database"))
  .default({});

/** How often generated secrets were rotated, by secret: what `npm run rotate` writes. */
export const rotationsShape = z
  .record(
    z.string(),
    settings("a rotation", { generation: integer(0, 1_000_000), keepsPrevious: flag() }),
    must("be an object of rotations by secret"),
  )
  .default({});

/** Places of the stack file whose data is given up. */
export const abandonShape = z
  .array(z.string(must('be a place such as "volumes.uploads"')), must('be a list such as ["volumes.uploads"]'))
  .default([]);

/**
 * Reads a setting of several values, which commands write and people may edit.
 *
 * @param written - what `Pulumi.<stack>.yaml` has, as Pulumi hands it on: JSON; undefined for nothing.
 * @throws {pulumi.RunError} with all that is wrong in it, each with its place.
 */
export function objectSetting<T>(name: string, written: string | undefined, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(written === undefined ? undefined : valueOf(written));
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error);
  throw new pulumi.RunError(
    new SpecificationError(faults, `Pulumi.${pulumi.getStack()}.yaml, slipway:${name}`).message,
  );
}

/** Text that is no JSON is a value as well, and refused as such. */
function valueOf(written: string): unknown {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return written;
  }
}
