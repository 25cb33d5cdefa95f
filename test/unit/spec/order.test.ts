import { describe, expect, it } from "vitest";
import { defineEnvironment } from "../../../components/spec/index.ts";
import type { EnvironmentInput } from "../../../components/spec/index.ts";
import { inOrder, needsOf } from "../../../components/spec/order.ts";
import { faultsOf, makeProject } from "./project.ts";

const root = makeProject();
const MIGRATE = { service: "web", command: ["node", "migrate.ts"] };

function define(services: object, jobs: object = {}) {
  const input = { domain: "dev.localhost", services, jobs };
  return defineEnvironment(input as EnvironmentInput, { root });
}

const service = (settings: object = {}) => ({ build: "web", ...settings });

it("gives a job without schedule ten minutes, as somebody waits for it", () => {
  const { jobs, services } = define({ web: service({ before: ["migrate", "migrate"] }) }, { migrate: MIGRATE });

  expect(services.web?.before).toEqual(["migrate"]);
  expect(jobs.migrate).toMatchObject({ schedule: undefined, timeoutSeconds: 600 });
});

it("puts what is needed first: jobs before a release, releases before those that wait, and before scheduled jobs", () => {
  const environment = define(
    {
      api: service({ before: ["migrate"], waitsFor: ["queue"] }),
      queue: service(),
      web: service({ waitsFor: ["api"] }),
    },
    {
      migrate: { ...MIGRATE, service: "api", waitsFor: ["seed"] },
      nightly: { service: "web", schedule: "0 3 * * *" },
      seed: { service: "queue", schedule: "0 4 * * *" },
    },
  );

  expect(inOrder(needsOf(environment))).toEqual(["queue", "seed", "migrate", "api", "web", "nightly"]);
});

describe("a fault in the order", () => {
  const before = (jobs: object, names: unknown = ["migrate"]) =>
    faultsOf(() => define({ web: service({ before: names }) }, jobs));

  it("a job that is not there is told", () => {
    expect(before({ migrate: MIGRATE }, ["migrate", "migrat"])).toStrictEqual([
      'services.web.before[1]: must be a job of this environment, got "migrat", did you mean "migrate"? There are: migrate',
    ]);
  });

  it("a job with a schedule is told", () => {
    expect(before({ migrate: { ...MIGRATE, schedule: "0 3 * * *" } })).toStrictEqual([
      'services.web.before[0]: must be a job without schedule, got "migrate", which has one; take jobs.migrate.schedule out, ' +
        "or make it two jobs",
    ]);
  });

  it("what only a schedule has is told", () => {
    expect(before({ migrate: { ...MIGRATE, timeZone: "Europe/Paris", catchUp: true } })).toStrictEqual([
      "jobs.migrate.catchUp: must not be set without schedule",
      "jobs.migrate.timeZone: must not be set without schedule",
    ]);
  });

  it("what is no list of names is told", () => {
    expect(before({ migrate: { ...MIGRATE, schedule: "0 3 * * *" } }, "migrate")).toStrictEqual([
      'services.web.before: must be a list of names, such as ["migrate"], got "migrate"',
    ]);
  });

  it("waiting for what is not there is told", () => {
    expect(faultsOf(() => define({ web: service({ waitsFor: ["queue"] }), que: service() }))).toStrictEqual([
      'services.web.waitsFor[0]: must be a service or a job of this environment, got "queue"; there are: que, web',
    ]);
  });

  it.each<[string, object, object, string]>([
    [
      "services that wait for each other",
      { api: service({ waitsFor: ["web"] }), web: service({ waitsFor: ["api"] }) },
      {},
      "services.api: must not wait for itself, got api → web → api",
    ],
    [
      "a job that waits for the service that it prepares",
      { web: service({ before: ["migrate"] }) },
      { migrate: { ...MIGRATE, waitsFor: ["web"] } },
      "services.web: must not wait for itself, got web → migrate → web",
    ],
    [
      "a service that waits for a scheduled job of its own image",
      { web: service({ waitsFor: ["nightly"] }) },
      { nightly: { service: "web", schedule: "0 3 * * *" } },
      "services.web: must not wait for itself, got web → nightly → web",
    ],
  ])("%s are told", (_what, services, jobs, fault) => {
    expect(faultsOf(() => define(services, jobs))).toStrictEqual([fault]);
  });
});
