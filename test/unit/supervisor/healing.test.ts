import { describe, expect, it } from "vitest";
import type { Condition, Observation } from "../../../supervisor/condition.ts";
import { backOff, decide, remember, restarted } from "../../../supervisor/healing.ts";
import type { Decision, Lifetime, Memory } from "../../../supervisor/healing.ts";

const SECOND = 1000;
const STARTED = 1_000_000_000;
const well: Condition = { kind: "well" };
const down: Condition = { kind: "down" };
const sick: Condition = { kind: "sick", why: "it does not pass the proxy's check", checkedBy: "proxy" };
const unhealthy: Condition = { kind: "sick", why: "its own health check fails", checkedBy: "engine" };

function seen(id: string, condition: Condition, links: readonly string[] = []): Observation {
  const [service = ""] = id.split("-");
  return { id, container: `dev-${id}`, environment: "dev", service, links, condition };
}

/** Looks once a second from `from` on, as often as there are observations, and restarts as it is decided. */
class Looks {
  memory: Memory = new Map();
  readonly lifetimes = new Map<string, Lifetime>();
  now: number;

  constructor(from = STARTED + 3600 * SECOND) {
    this.now = from;
  }

  look(...observations: Observation[]): string[] {
    this.now += SECOND;
    this.memory = remember(this.memory, observations, this.now);
    const born = { createdAt: STARTED, startedAt: STARTED };
    const lifetimes = new Map(observations.map(({ id }) => [id, this.lifetimes.get(id) ?? born]));
    const decisions = decide(this.memory, observations, lifetimes, this.now);
    for (const { kind, container } of decisions) if (kind === "restart") this.restart(container.id);
    return decisions.map(told);
  }

  /** Looks until something is decided, and tells how many seconds that took. */
  lookUntilDecided(...observations: Observation[]): { decisions: string[]; seconds: number } {
    const from = this.now;
    for (;;) {
      const decisions = this.look(...observations);
      if (decisions.length > 0) return { decisions, seconds: (this.now - from) / SECOND };
    }
  }

  private restart(id: string): void {
    this.memory = restarted(this.memory, id, this.now);
    this.lifetimes.set(id, { createdAt: STARTED, startedAt: this.now });
  }
}

function told(decision: Decision): string {
  const { kind, container, why } = decision;
  return kind === "restart" ? `restart ${container.id}, attempt ${decision.attempt}` : `wait ${container.id}: ${why}`;
}

describe("a container that was well", () => {
  it("is restarted at the second look at which it is sick", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well));

    expect(looks.look(seen("web-1", sick))).toEqual([]);
    expect(looks.look(seen("web-1", sick))).toEqual(["restart web-1, attempt 1"]);
  });

  it("is left alone when it recovers by itself in between", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well));

    const decided = [sick, well, sick, well, sick].flatMap((condition) => looks.look(seen("web-1", condition)));

    expect(decided).toEqual([]);
  });

  it("is left alone when it is down, which the restart policy sees to", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well));

    expect([down, down, down].flatMap((condition) => looks.look(seen("web-1", condition)))).toEqual([]);
  });
});

describe("a container that was never well since it started", () => {
  it("gets a minute to start, also after a restart that nobody of us made", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well));
    looks.lifetimes.set("web-1", { createdAt: STARTED, startedAt: looks.now + 1 });

    expect(looks.lookUntilDecided(seen("web-1", sick))).toEqual({
      decisions: ["restart web-1, attempt 1"],
      seconds: 61,
    });
  });

  it("gets as long as a release may wait for it, where only its own health check speaks", () => {
    const looks = new Looks(STARTED);

    const { seconds } = looks.lookUntilDecided(seen("worker-1", unhealthy));

    expect(seconds).toBe(3601);
  });

  it("is restarted soon by a supervisor that finds it hanging", () => {
    expect(new Looks().lookUntilDecided(seen("web-1", sick)).seconds).toBe(2);
  });
});

describe("a container that hangs again and again", () => {
  it("is restarted after ever longer times", () => {
    const looks = new Looks();
    const times = Array.from({ length: 8 }, () => {
      looks.look(seen("web-1", well));
      return looks.lookUntilDecided(seen("web-1", sick)).seconds;
    });

    // One second of each round it is well.
    expect(times).toEqual([2, 9, 19, 39, 79, 159, 299, 299]);
  });

  it("begins anew after five minutes of health", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well));
    looks.lookUntilDecided(seen("web-1", sick));

    for (let second = 0; second <= 300; second++) looks.look(seen("web-1", well));

    expect(looks.lookUntilDecided(seen("web-1", sick)).decisions).toEqual(["restart web-1, attempt 1"]);
  });

  it.each([
    [0, 0],
    [1, 10],
    [2, 20],
    [3, 40],
    [6, 300],
    [50, 300],
  ])("waits after %i restarts %i s since the last", (attempts, seconds) => {
    expect(backOff(attempts)).toBe(seconds * SECOND);
  });
});

describe("replicas that hang together", () => {
  it("are restarted one after the other, each when the one before is well", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well), seen("web-2", well));
    const both = [seen("web-1", sick), seen("web-2", sick)];

    expect(looks.lookUntilDecided(...both).decisions).toEqual(["restart web-1, attempt 1"]);
    expect(looks.look(...both)).toEqual([]);
    expect(looks.look(seen("web-1", well), seen("web-2", sick))).toEqual(["restart web-2, attempt 1"]);
  });

  it("do not wait for ever for one that does not come back", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well), seen("web-2", well));
    const both = [seen("web-1", sick), seen("web-2", sick)];
    looks.lookUntilDecided(...both);

    expect(looks.lookUntilDecided(...both)).toEqual({ decisions: ["restart web-2, attempt 1"], seconds: 60 });
  });
});

describe("a service that calls another", () => {
  it("waits while no container of the other works", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well, ["api"]), seen("api-1", well));
    const both = [seen("web-1", sick, ["api"]), seen("api-1", sick)];

    expect(looks.lookUntilDecided(...both).decisions).toEqual([
      "wait web-1: it does not pass the proxy's check, as does no container of api, which it calls",
      "restart api-1, attempt 1",
    ]);
    expect(looks.look(seen("web-1", sick, ["api"]), seen("api-1", well))).toEqual(["restart web-1, attempt 1"]);
  });

  it("does not wait while one container of the other works", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well, ["api"]), seen("api-1", well), seen("api-2", well));

    expect(
      looks.lookUntilDecided(seen("web-1", sick, ["api"]), seen("api-1", down), seen("api-2", well)).decisions,
    ).toEqual(["restart web-1, attempt 1"]);
  });

  it("does not wait for one that calls it in turn", () => {
    const looks = new Looks();
    looks.look(seen("web-1", well, ["api"]), seen("api-1", well, ["auth"]), seen("auth-1", well, ["web"]));

    expect(
      looks.lookUntilDecided(seen("web-1", sick, ["api"]), seen("api-1", sick, ["auth"]), seen("auth-1", sick, ["web"]))
        .decisions,
    ).toEqual(["restart web-1, attempt 1", "restart api-1, attempt 1", "restart auth-1, attempt 1"]);
  });
});
