import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createPeopleEnvironment } from "../support/people.ts";
import type { PeopleEnvironment } from "../support/people.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";
import { startTraffic } from "./k6.ts";
import { lossesOf, lostOf } from "./measurement.ts";

const RELEASES = 10;
const WITH_MIGRATION = 5;
const ROWS_PER_SECOND = 20;
/** Each stands idle for 10 s between two rows, longer than many a server keeps a connection. */
const CLIENTS = 10 * ROWS_PER_SECOND;
/** Against a release without load: under it each takes longer, that with a migration and the page most. */
const SLACK = 1.5;

describe("rows that clients write by the page, the API and its database", () => {
  let workspace: Workspace;
  let people: PeopleEnvironment;

  beforeAll(async () => {
    workspace = await createWorkspace();
    people = await createPeopleEnvironment(workspace);
  });

  afterAll(async () => {
    await workspace.remove();
  });

  it(`are all there, none twice, after ${RELEASES} releases of the API, one with a migration`, async () => {
    const seconds = Math.ceil(RELEASES * SLACK * (await release(0)));
    const traffic = await startTraffic({
      k6: inject("k6"),
      url: `https://people.localhost:${workspace.ports.https}`,
      authority: String((await workspace.outputs("platform")).ca),
      rates: { row: ROWS_PER_SECOND },
      clients: CLIENTS,
      seconds,
    });
    let hasEnded = false;
    const load = traffic.end().finally(() => {
      hasEnded = true;
    });
    const goesOn = () => !hasEnded;
    let releases = 0;
    for (let edition = 1; goesOn(); edition++) {
      await release(edition);
      if (goesOn()) releases = edition;
    }
    const summary = await load;
    const rows = summary.kinds.row?.answered ?? 0;
    console.log(`${rows} rows acknowledged during ${releases} releases, ${lostOf([summary])} requests lost`);

    expect(lossesOf(summary)).toEqual({ failed: {}, dropped: 0, backwards: 0, complaints: [] });
    expect(await people.query("SELECT COUNT(*), COUNT(DISTINCT name) FROM people")).toEqual([`${rows}\t${rows}`]);
    expect(rows).toBeGreaterThanOrEqual(0.95 * ROWS_PER_SECOND * seconds);
    expect(releases).toBeGreaterThanOrEqual(RELEASES);
  });

  /** Releases another version of the API; one of them is the second version, which adds a column. @returns seconds. */
  async function release(edition: number): Promise<number> {
    await people.touchApi(String(edition));
    if (edition === WITH_MIGRATION) await people.applySecondVersion();
    const began = performance.now();
    const { exitCode, output } = await people.deploy();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(edition === WITH_MIGRATION ? /migrated: 0002-email/ : /the schema is as it has to be/);
    expect(output).toMatch(/api [0-9a-f]{12} → [0-9a-f]{12}: gate/);
    return (performance.now() - began) / 1000;
  }
});
