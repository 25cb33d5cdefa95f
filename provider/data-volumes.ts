import type Docker from "dockerode";
import { z } from "zod";
import { connect } from "./engine/engine.ts";
import { dockerName, label } from "./names.ts";
import { checkInputs, holdsUnknown } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";

const inputs = z.object({
  /** Environment whose data it is. */
  environment: label,
  /** What holds data that nobody can make again, by its place in the stack file, such as `volumes.uploads`. */
  data: z.record(
    z.string(),
    z.object({
      /** Volumes on the engine, by name. */
      volumes: z.array(dockerName).min(1, "must name a volume"),
      /** What has its data there, for people. */
      usedBy: z.array(z.string()),
    }),
  ),
  /** Places whose data is given up. @default [] */
  abandoned: z.array(z.string()).default([]),
  /** False where nobody misses the data, and it goes with the environment. @default true */
  kept: z.boolean().default(true),
});

type Inputs = z.output<typeof inputs>;

/** Inputs of {@link dataVolumes}. */
export type DataVolumesInputs = z.input<typeof inputs>;

/**
 * Watches over data: what was declared once, and is declared no more, ends a preview and an `up` before they change
 * anything. It makes nothing; when it goes, with its environment, it tells where the data is.
 */
export const dataVolumes = defineResource({
  inputs,
  state: inputs,
  async check(news, olds, context) {
    const checked = checkInputs(inputs, news);
    // Before the first deploy Pulumi sends no inputs of an earlier one, or an object without any.
    const before = inputs.safeParse(olds);
    if (checked.faults.length > 0 || !before.success || holdsUnknown(news)) return checked;
    const faults = await faultsOf(before.data, inputs.parse(checked.inputs), context);
    // Without a property Pulumi shows the reason alone, and not all of the inputs before it.
    return faults.length === 0 ? checked : { ...checked, faults: [{ property: "", reason: faults.join("\n") }] };
  },
  diff: (olds, news) => ({ changed: changedProperties(olds.inputs, news) }),
  create: (news) => Promise.resolve({ id: news.environment, state: news }),
  update: (_id, _olds, news) => Promise.resolve(news),
  delete(_id, { kept, data }, context) {
    const volumes = Object.values(data).flatMap((each) => each.volumes);
    if (kept && volumes.length > 0) {
      const names = volumes.sort().join(" ");
      context.info(
        `the data stays on the engine, and the next up finds it: docker volume rm ${names} removes it for good`,
      );
    }
    return Promise.resolve();
  },
});

async function faultsOf(olds: Inputs, news: Inputs, context: ResourceContext): Promise<string[]> {
  if (!news.kept) return [];
  const lost = Object.entries(olds.data).filter(([place, { volumes }]) => {
    const now = news.data[place]?.volumes ?? [];
    return !news.abandoned.includes(place) && !volumes.some((volume) => now.includes(volume));
  });
  if (lost.length === 0) return [];
  // What is lost is to be told also where the engine does not answer.
  const sizes = await connect(context).then(sizesOf, () => new Map<string, string>());
  return lost.map(([place, { volumes, usedBy }], index) => {
    const held = volumes.map((volume) => `${volume}${sizes.has(volume) ? `, ${sizes.get(volume) ?? ""}` : ""}`);
    const by = usedBy.length === 0 ? "" : `, used by ${usedBy.join(" and ")}`;
    const now = news.data[place];
    const fate = now ? `would begin empty, in ${now.volumes.join(" and ")}` : "is no longer declared as data";
    const setting = `pulumi config set --path 'slipway:abandon[${news.abandoned.length + index}]' ${place} -s ${news.environment}`;
    return (
      `${place}: ${fate}: ${held.join(" and ")}${by}; declare it as before, or give its data up with ${setting}: ` +
      `what is in it then stays on the engine until docker volume rm ${volumes.join(" ")}`
    );
  });
}

/** How much each volume of the engine holds, in words; none where the engine does not tell. */
async function sizesOf(docker: Docker): Promise<Map<string, string>> {
  const told: unknown = await docker.df().catch(() => undefined);
  const volumes = diskUsage.safeParse(told).data?.Volumes ?? [];
  const known = volumes.filter(({ UsageData }) => UsageData.Size >= 0);
  return new Map(known.map(({ Name, UsageData }) => [Name, `${(UsageData.Size / 1e6).toFixed(1)} MB`]));
}

const diskUsage = z.object({
  Volumes: z.array(z.object({ Name: z.string(), UsageData: z.object({ Size: z.number() }) })),
});
