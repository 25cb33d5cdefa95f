import { startTraffic } from "../test/load/k6.ts";
import type { Traffic } from "../test/load/k6.ts";
import { lostOf } from "../test/load/measurement.ts";
import { stagesOf } from "../test/support/stages.ts";
import type { Workspace } from "../test/support/workspace.ts";
import type { Compose } from "../toolchain/needs/compose.ts";
import { createComposeProject } from "./compose-project.ts";
import { goalOf, summarize } from "./figures.ts";
import type { Measurement, Series } from "./figures.ts";
import { buildServiceImage, upServices } from "./services.ts";
import type { Services } from "./services.ts";
import { findCompose, findK6 } from "./tools.ts";

const SLIPWAY = "pulumi up";
const COMPOSE = "docker compose";
const SIZES = [1, 10, 50];
const REQUESTS_PER_SECOND = 100;
const MOST_TIMES_COMPOSE = 2;

/** A way to change the service called `changing`. */
interface Contender {
  name: string;
  /** Where that service answers. */
  url: string;
  /** Lets it answer as another release. Returns the seconds of it in which requests to the old one were waited for. */
  change: (release: number) => Promise<number>;
  remove?: () => Promise<void>;
}

/** What changes of one size cost, round by round. */
interface Costs {
  contender: Contender;
  /** Services of the environment. */
  count: number;
  /** Wall time without waiting for requests to the old containers, which compose does not. */
  seconds: number[];
  lost: number[];
}

/**
 * Times the change of one service among 1, 10 and 50 whose image is present, by `pulumi up` and by docker compose, in
 * turn, with requests arriving at the service all the while.
 */
export async function measureCompose(workspace: Workspace, rounds: number): Promise<Measurement> {
  const k6 = await findK6();
  const compose = await findCompose();
  const { ca } = await workspace.outputs("platform");
  const image = await buildServiceImage(workspace);
  const costs: Costs[] = [];
  for (const count of SIZES) {
    const services = { stack: `compose-${count}`, count, image };
    const contenders = [slipway(workspace, services)];
    if (compose) contenders.push(await dockerCompose(workspace, services, compose));
    const load = (url: string) => startTraffic({ k6, url, authority: String(ca), rates: { get: REQUESTS_PER_SECOND } });
    costs.push(...(await compete(contenders, count, rounds, load)));
  }
  return measurementOf(costs, compose?.version);
}

function slipway(workspace: Workspace, services: Services): Contender {
  return {
    name: SLIPWAY,
    url: `https://changing.${services.stack}.localhost:${workspace.ports.https}`,
    async change(release) {
      const { output } = await upServices(workspace, services, release);
      return stagesOf(output).drain ?? 0;
    },
  };
}

async function dockerCompose(workspace: Workspace, services: Services, compose: Compose): Promise<Contender> {
  const { url, up, remove } = await createComposeProject(compose, workspace.namespace, services);
  return { name: COMPOSE, url, change: (release) => up(release).then(() => 0), remove };
}

/** In turn, so that a machine's changing speed meets all. */
async function compete(
  contenders: readonly Contender[],
  count: number,
  rounds: number,
  load: (url: string) => Promise<Traffic>,
): Promise<Costs[]> {
  const costs = contenders.map((contender): Costs => ({ contender, count, seconds: [], lost: [] }));
  try {
    for (const { change } of contenders) await change(0);
    for (let round = 1; round <= rounds; round++) {
      for (const { contender, seconds, lost } of costs) {
        const traffic = await load(contender.url);
        try {
          seconds.push(await secondsOf(() => contender.change(round)));
        } finally {
          lost.push(lostOf([await traffic.end()]));
        }
      }
    }
  } finally {
    for (const { remove } of contenders) await remove?.();
  }
  return costs;
}

/** Seconds that a change took, without those in which it waited for requests to the old containers. */
async function secondsOf(change: () => Promise<number>): Promise<number> {
  const began = performance.now();
  const draining = await change();
  return (performance.now() - began) / 1000 - draining;
}

function measurementOf(costs: readonly Costs[], compose: string | undefined): Measurement {
  const median = ({ seconds }: Costs) => summarize(seconds).median;
  const ours = costs.filter(({ contender }) => contender.name === SLIPWAY);
  const ratios = ours.flatMap((our) => {
    const their = costs.find(({ contender, count }) => contender.name === COMPOSE && count === our.count);
    return their ? [{ count: our.count, ratio: median(our) / median(their) }] : [];
  });
  const title = "one service changed of 1, 10 and 50, image present, waiting for open requests taken off";
  return {
    what: "compose",
    title,
    series: costs.flatMap(({ contender, count, seconds, lost }): Series[] => [
      { name: `${contender.name}, 1 of ${count}`, unit: "s", values: seconds },
      { name: `  requests lost`, unit: "", values: lost },
    ]),
    remarks: [
      `${REQUESTS_PER_SECOND} requests a second to the service meanwhile; a health check each second`,
      compose === undefined
        ? "docker compose is not installed here and could not be built: nothing to compare with"
        : `docker compose ${compose} up --detach --wait, the service published without a proxy`,
      ...ratios.map(({ count, ratio }) => `1 of ${count}: ${ratio.toFixed(2)} times docker compose, by the medians`),
      `requests lost by pulumi up in all: ${ours.flatMap(({ lost }) => lost).reduce((sum, lost) => sum + lost, 0)}`,
    ],
    goal:
      ratios.length === 0
        ? undefined
        : goalOf("largest ratio to docker compose", Math.max(...ratios.map(({ ratio }) => ratio)), MOST_TIMES_COMPOSE),
  };
}
