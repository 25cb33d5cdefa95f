import { setTimeout as pause } from "node:timers/promises";
import type { Workspace } from "../test/support/workspace.ts";
import type { Measurement } from "./figures.ts";
import { secondsOf } from "./no-op.ts";

const PROGRAM = "examples/website/src/site.ts";
const VERSION_LINE = /context\.header\("x-app-version", .*\);/;
const POLL_MILLISECONDS = 50;

/** Times what a developer waits for: from `pulumi up` on a changed line of the program until the new version answers. */
export async function measureChange(workspace: Workspace, rounds: number): Promise<Measurement> {
  const { urls } = (await workspace.outputs("dev")) as { urls: { website: [string] } };
  const host = new URL(urls.website[0]).hostname;
  const counts = { asked: 0, failed: 0 };
  const ask = async () => {
    const answer = await workspace.get(host, "/fr").catch(() => undefined);
    counts.asked++;
    if (answer?.status !== 200) counts.failed++;
    return answer?.headers["x-app-version"];
  };
  const times: { answers: number; ends: number }[] = [];
  for (let round = 0; round <= rounds; round++) times.push(await deployChange(workspace, `bench-${round}`, ask));
  // The first round fills the builder's cache and is not counted.
  const counted = times.slice(1);
  return {
    what: "change",
    title: "one changed line of the website's program, from the start of pulumi up",
    series: [
      { name: "until the new version answers", unit: "s", values: counted.map(({ answers }) => answers) },
      { name: "until pulumi up ends", unit: "s", values: counted.map(({ ends }) => ends) },
    ],
    remarks: [`${counts.asked} requests meanwhile, ${counts.failed} of them without a good answer`],
  };
}

async function deployChange(workspace: Workspace, version: string, ask: () => Promise<unknown>) {
  await workspace.edit(PROGRAM, (source) => replaceVersion(source, version));
  const up = { ended: false };
  const deploy = async () => {
    await workspace.up("dev").finally(() => {
      up.ended = true;
    });
  };
  const answer = async () => {
    for (;;) {
      const last = up.ended;
      if ((await ask()) === version) return;
      if (last) throw new Error(`pulumi up has ended, but ${version} does not answer`);
      await pause(POLL_MILLISECONDS);
    }
  };
  const [ends, answers] = await Promise.all([secondsOf(deploy), secondsOf(answer)]);
  return { ends, answers };
}

function replaceVersion(source: string, version: string): string {
  if (!VERSION_LINE.test(source)) throw new Error(`${PROGRAM} has no line that matches ${VERSION_LINE.source}`);
  return source.replace(VERSION_LINE, `context.header("x-app-version", "${version}");`);
}
