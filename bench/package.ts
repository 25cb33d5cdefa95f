import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataPackage } from "../provider/data-package.ts";
import type { Properties, ResourceContext } from "../provider/plugin/resource.ts";
import type { Workspace } from "../test/support/workspace.ts";
import { goalOf, summarize } from "./figures.ts";
import type { Measurement } from "./figures.ts";

const FILES = 10_000;
const FILE_BYTES = 10_000;
const FILES_IN_A_DIRECTORY = 100;
const GOAL = 2;

/**
 * Measures the delivery of a data package of 10,000 files and 100 MB, of which one file has changed, against `tar | docker cp`
 * of the same directory into a volume of the same engine, in turns.
 */
export async function measurePackage(workspace: Workspace, rounds: number): Promise<Measurement> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-package-"));
  try {
    await fill(directory);
    const helperImage = await imageOfProxy(workspace);
    const copy = await prepareCopy(workspace, directory, helperImage);
    const deliver = await prepareDelivery(workspace, directory, helperImage);
    const [copied, delivered]: [number[], number[]] = [[], []];
    // The first of each finds cold caches, and has nothing to remove.
    for (let round = 0; round <= rounds; round++) {
      await writeFile(join(directory, "0/0"), randomBytes(FILE_BYTES));
      const [copySeconds, deliverySeconds] = [await seconds(copy), await seconds(deliver)];
      if (round === 0) continue;
      copied.push(copySeconds);
      delivered.push(deliverySeconds);
    }
    const ratio = summarize(delivered).median / summarize(copied).median;
    return {
      what: "package",
      title: `a data package of ${FILES} files and ${(FILES * FILE_BYTES) / 1e6} MB, of which one has changed`,
      series: [
        { name: "tar | docker cp", unit: "s", values: copied },
        { name: "delivery: hash, send, switch, remove the oldest", unit: "s", values: delivered },
      ],
      remarks: ["What Pulumi takes besides is that of a no-op."],
      goal: goalOf("delivery / copy", ratio, GOAL),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function fill(directory: string): Promise<void> {
  for (let start = 0; start < FILES; start += FILES_IN_A_DIRECTORY) {
    const parent = join(directory, String(start / FILES_IN_A_DIRECTORY));
    await mkdir(parent);
    for (let index = 0; index < FILES_IN_A_DIRECTORY; index++) {
      await writeFile(join(parent, String(index)), randomBytes(FILE_BYTES));
    }
  }
}

/** Copies as a careful person would by hand: into a directory of its own, in the volume of a container that is there. */
async function prepareCopy(workspace: Workspace, directory: string, image: string): Promise<() => Promise<void>> {
  const { docker, namespace } = workspace;
  const labels = { "slipway.namespace": namespace };
  await docker.createVolume({ Name: `${namespace}-copied`, Labels: labels });
  const HostConfig = { Binds: [`${namespace}-copied:/volume`] };
  const { id } = await docker.createContainer({ Image: image, Entrypoint: ["true"], Labels: labels, HostConfig });
  let round = 0;
  return async () => {
    round += 1;
    const result = await workspace.run("sh", [
      ...["-c", 'tar -C "$1" --transform "s,^\\.,$2," -cf - . | docker cp - "$3:/volume"', "sh"],
      ...[directory, `version-${round}`, id],
    ]);
    if (result.exitCode !== 0) throw new Error(`tar | docker cp ended with ${result.exitCode}: ${result.output}`);
  };
}

async function prepareDelivery(
  workspace: Workspace,
  directory: string,
  helperImage: string,
): Promise<() => Promise<void>> {
  const { docker, namespace } = workspace;
  const volume = `${namespace}-delivered`;
  await docker.createVolume({ Name: volume, Labels: { "slipway.namespace": namespace } });
  const given = { namespace, volume, directory, helperImage };
  let state: Properties | undefined;
  return async () => {
    const { inputs } = (await dataPackage.check?.(given, undefined, CONTEXT)) ?? { inputs: given };
    state = state
      ? await dataPackage.update?.(volume, state, inputs, CONTEXT)
      : (await dataPackage.create(inputs, CONTEXT)).state;
  };
}

async function imageOfProxy({ docker, namespace }: Workspace): Promise<string> {
  const label = [`slipway.namespace=${namespace}`, "slipway.role=proxy"];
  const [proxy] = await docker.listContainers({ filters: { label } });
  if (!proxy) throw new Error("the platform has no proxy");
  return proxy.Image;
}

async function seconds(action: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await action();
  return (performance.now() - begun) / 1000;
}

const CONTEXT: ResourceContext = {
  ...{ urn: "", name: "package", config: {}, signal: new AbortController().signal, randomSeed: new Uint8Array() },
  ...{ progress: () => undefined, info: () => undefined, warn: () => undefined },
};
