import type { Workspace } from "../test/support/workspace.ts";
import { goalOf } from "./figures.ts";
import type { Measurement, Series } from "./figures.ts";
import { peakOf, total } from "./memory.ts";
import { buildServiceImage, upServices } from "./services.ts";

const SIZES = [1, 10, 50, 200];
/** The fixed part of an `up` weighs less in a larger environment, so that a ratio above 1 is growth. */
const MOST_TIMES_THE_SMALLER = 1;

interface FirstUp {
  count: number;
  seconds: number;
  mebibytes: number;
}

/** Times the first `up` of environments with 1, 10, 50 and 200 services whose image is present, with the memory it takes. */
export async function measureFirstUp(workspace: Workspace): Promise<Measurement> {
  const image = await buildServiceImage(workspace);
  const ups: FirstUp[] = [];
  for (const count of SIZES) {
    const began = performance.now();
    let seconds = 0;
    const peak = await peakOf(async () => {
      await upServices(workspace, { stack: `first-${count}`, count, image }, 0);
      seconds = (performance.now() - began) / 1000;
    });
    ups.push({ count, seconds, mebibytes: total(peak) });
  }
  const each = ups.map(({ count, seconds }) => seconds / count);
  const growth = each.flatMap((value, index) => (index === 0 ? [] : [value / (each[index - 1] ?? NaN)]));
  return {
    what: "first-up",
    title: `first pulumi up of ${SIZES.join(", ")} services, image present`,
    series: ups.flatMap(({ count, seconds, mebibytes }): Series[] => [
      { name: `${count}`, unit: "s", values: [seconds] },
      { name: "  for each service", unit: "s", values: [seconds / count] },
      { name: "  memory of the process tree", unit: "MiB", values: [mebibytes] },
    ]),
    remarks: [
      "The smaller environments stay while the larger ones come up. Pages that processes share are counted in each.",
    ],
    goal: goalOf(
      "seconds for each service, against the next smaller environment",
      Math.max(...growth),
      MOST_TIMES_THE_SMALLER,
    ),
  };
}
