import { join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import { defineEnvironment, link } from "../../../components/spec/index.ts";
import type { EnvironmentInput, Job, JobInput } from "../../../components/spec/index.ts";
import type { jobShape } from "../../../components/spec/job-shape.ts";
import { faultsOf, makeProject } from "./project.ts";

const root = makeProject();
const IMAGE = `ghcr.io/acme/backup:1@sha256:${"a".repeat(64)}`;

function define(jobs: object) {
  const services = { web: { build: "web", port: 8080 }, worker: { build: "web" } };
  const input = { domain: "dev.localhost", services, volumes: { data: {} }, jobs };
  return defineEnvironment(input as EnvironmentInput, { root });
}

const jobFaults = (job: object) =>
  faultsOf(() => define({ nightly: { service: "web", schedule: "0 3 * * *", ...job } }));

it("fills in every default of a job", () => {
  expect(define({ nightly: { service: "web", schedule: "0 3 * * *" } }).jobs).toStrictEqual<Record<string, Job>>({
    nightly: {
      source: { kind: "service", service: "web" },
      command: undefined,
      schedule: "0 3 * * *",
      timeZone: "UTC",
      timeoutSeconds: 3600,
      catchUp: false,
      env: {},
      secrets: {},
      database: undefined,
      mounts: [],
      memoryMb: 256,
      cpus: 0.5,
      pidsLimit: 200,
      user: undefined,
      waitsFor: [],
      relax: { writableRootFilesystem: false, capabilities: [], allowRoot: false, hostDirectories: [] },
    },
  });
});

it("keeps what is set, and sorts jobs by name", () => {
  const { jobs } = define({
    report: { image: IMAGE, schedule: "*/5 8-17 * * MON-FRI", timeZone: "Europe/Paris", catchUp: true },
    backup: {
      build: "web",
      schedule: "0 3 1 * *",
      command: ["node", "backup.ts"],
      env: { API: link("web"), A: "1" },
      mounts: { data: "/data" },
      timeoutSeconds: 60,
      user: "1000:1000",
    },
  });

  expect(Object.keys(jobs)).toEqual(["backup", "report"]);
  expect(jobs.backup).toMatchObject({
    source: { kind: "build", context: join(root, "web") },
    command: ["node", "backup.ts"],
    env: { A: "1", API: { kind: "link", service: "web", port: 8080 } },
    mounts: [{ kind: "volume", volume: "data", path: "/data", readOnly: false }],
    timeoutSeconds: 60,
    user: "1000:1000",
  });
  expect(jobs.report).toMatchObject({
    source: { kind: "image", reference: IMAGE },
    timeZone: "Europe/Paris",
    catchUp: true,
  });
});

it("has the settings that its type documents", () => {
  expectTypeOf<keyof z.input<typeof jobShape>>().toEqualTypeOf<keyof JobInput>();
});

describe("a fault of a job", () => {
  const SCHEDULE = 'must be five fields of cron that come around, such as "0 3 * * *" for three at night';

  it.each<[object, string]>([
    [{ shedule: "" }, 'jobs.nightly.shedule: is no setting of a job, did you mean "schedule"?'],
    [
      { schedule: undefined },
      "jobs.nightly.schedule: must be set for a job that no service names, got nothing; write when it runs, or name it in a " +
        'service: before: ["nightly"]',
    ],
    [{ schedule: "0 3 * *" }, `jobs.nightly.schedule: ${SCHEDULE}, got "0 3 * *"`],
    [{ schedule: "* * * * * *" }, `jobs.nightly.schedule: ${SCHEDULE}, got "* * * * * *"`],
    [{ schedule: "61 3 * * *" }, `jobs.nightly.schedule: ${SCHEDULE}, got "61 3 * * *"`],
    [{ schedule: "0 0 31 2 *" }, `jobs.nightly.schedule: ${SCHEDULE}, got "0 0 31 2 *"`],
    [{ schedule: "@daily" }, `jobs.nightly.schedule: ${SCHEDULE}, got "@daily"`],
    [
      { timeZone: "Europe/Atlantis" },
      'jobs.nightly.timeZone: must be a time zone of the IANA database, such as "Europe/Paris", got "Europe/Atlantis"',
    ],
    [{ timeoutSeconds: 0 }, "jobs.nightly.timeoutSeconds: must be an integer from 1 to 86400 (seconds), got 0"],
    [{ catchUp: "yes" }, 'jobs.nightly.catchUp: must be true or false, got "yes"'],
    [{ command: [] }, "jobs.nightly.command: must name a program, got a list"],
    [{ command: "node" }, 'jobs.nightly.command: must be a list of words, such as ["node", "backup.ts"], got "node"'],
    [{ build: "web" }, "jobs.nightly: must set one of build, image and service, got build and service"],
    [{ service: undefined }, "jobs.nightly: must set one of build, image and service, got none"],
    [
      { service: "wbe" },
      'jobs.nightly.service: must be a service of this environment, got "wbe", did you mean "web"? There are: web, worker',
    ],
    [
      { env: { API: link("worker") } },
      'jobs.nightly.env.API: must link to a service with a port, got "worker", which has none; set services.worker.port',
    ],
    [{ user: "0" }, 'jobs.nightly.user: must not be root, got "0"; relax: { allowRoot: true } permits it'],
    [
      { mounts: { logs: "/logs" } },
      'jobs.nightly.mounts.logs: must be a volume of this environment, got "logs"; there are: data',
    ],
  ])("%j is told", (job, fault) => {
    expect(jobFaults(job)).toStrictEqual([fault]);
  });

  it("a name that a service has is told", () => {
    expect(faultsOf(() => define({ web: { service: "web", schedule: "0 3 * * *" } }))).toStrictEqual([
      "jobs.web: must have a name of its own, as has services.web",
    ]);
  });

  it("a build context without a Dockerfile is told", () => {
    expect(jobFaults({ service: undefined, build: "bare" })).toStrictEqual([
      `jobs.nightly.build: must contain a Dockerfile, got "bare"; ${join(root, "bare/Dockerfile")} is no file`,
    ]);
  });
});
