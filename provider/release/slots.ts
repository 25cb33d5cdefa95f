import { sameValue } from "../plugin/resource.ts";
import type { RunningSlot } from "../proxy/runtime-output.ts";
import type { Definition } from "./definition.ts";
import type { Fragment, Slot } from "./fragment.ts";

/** What a release is to reach. */
export interface Wanted {
  /** Containers that are to serve. */
  containers: readonly string[];
  /** Containers that the service has when all of it serves; slots are made for twice as many. */
  replicas: number;
  definition: Definition;
}

/** What is there before a release. */
export interface Present {
  /** The service's intact fragment; undefined when there is none. */
  fragment: Fragment | undefined;
  /** The backend in the running process; undefined when it has none. */
  running: readonly RunningSlot[] | undefined;
}

/** How a release uses the slots of its backend. */
export interface SlotPlan {
  /** The slots as the fragment has them while the new containers are being checked. */
  slots: Slot[];
  /** True when the running process has other slots or checks, so that it has to be reloaded. */
  reshape: boolean;
  /** Slots of containers that do not serve yet. */
  newcomers: string[];
  /** The slot of each container that is to serve. */
  targets: { container: string; slot: string }[];
  /** Slots that serve now and are to be drained after the switch. */
  retiring: string[];
}

/** Slots that an interrupted release left behind: assigned to a container that is not wanted, without new requests. */
export function leftovers(running: readonly RunningSlot[], containers: readonly string[]): string[] {
  return running
    .filter(({ container, state }) => container !== undefined && state !== "ready" && !containers.includes(container))
    .map(({ name }) => name);
}

/**
 * Plans a release. What the running process routes counts, not what an interrupted release has written; the fragment
 * counts when the process does not know the service.
 */
export function planSlots({ fragment, running }: Present, wanted: Wanted): SlotPlan {
  const { definition } = wanted;
  const sameCheck = fragment !== undefined && sameValue(fragment.health, definition.health);
  const checked = new Map(fragment?.slots.map((slot) => [slot.name, sameCheck && slot.checked]));
  const present = (running ?? fragment?.slots.map(asRunning) ?? []).map((slot) => ({
    ...slot,
    checked: checked.get(slot.name) ?? false,
  }));

  const serving = present.filter(({ container, state }) => container !== undefined && state === "ready");
  const staying = serving.filter(
    ({ container = "", port, checked }) => wanted.containers.includes(container) && port === definition.port && checked,
  );
  const retiring = serving.filter((slot) => !staying.includes(slot));
  const newcomers = wanted.containers.filter((name) => !staying.some(({ container }) => container === name));

  const count = Math.max(2 * wanted.replicas, serving.length + newcomers.length);
  const free = present.filter((slot) => !serving.includes(slot));
  const sameBackend = fragment !== undefined && isSameBackend(fragment, definition);
  const reshape =
    running === undefined || !sameBackend || count !== present.length || free.some((slot) => !slot.checked);
  const names = [...free.map(({ name }) => name), ...newNames(present, count)].slice(0, count - serving.length);

  const slots = [
    ...serving.map(({ name, container, port, checked }) => ({ name, container, port, checked })),
    ...names.map((name) => ({ name, port: definition.port, checked: true })),
  ].sort((a, b) => slotNumber(a.name) - slotNumber(b.name));
  const placed = placeNewcomers(newcomers, names, free);
  return {
    slots,
    reshape,
    newcomers: placed.map(({ slot }) => slot),
    targets: [...staying.map(({ container = "", name }) => ({ container, slot: name })), ...placed],
    retiring: retiring.map(({ name }) => name),
  };
}

/** The slots once the new containers serve alone. */
export function slotsAfter({ slots, targets }: SlotPlan, port: number): Slot[] {
  return slots.map(({ name, checked, port: before }) => {
    const target = targets.find(({ slot }) => slot === name);
    return target ? { name, container: target.container, port, checked } : { name, port: before, checked };
  });
}

/** A newcomer that an interrupted release has already put into a slot stays there. */
function placeNewcomers(newcomers: readonly string[], names: readonly string[], free: readonly RunningSlot[]) {
  const placed = new Map<string, string>();
  for (const container of newcomers) {
    const slot = free.find((candidate) => candidate.container === container && names.includes(candidate.name));
    if (slot) placed.set(container, slot.name);
  }
  const taken = new Set(placed.values());
  const open = names.filter((name) => !taken.has(name));
  return newcomers.map((container) => ({ container, slot: placed.get(container) ?? open.shift() ?? "" }));
}

function newNames(present: readonly { name: string }[], count: number): string[] {
  const used = new Set(present.map(({ name }) => name));
  return Array.from({ length: count + present.length }, (_, index) => `s${index + 1}`).filter(
    (name) => !used.has(name),
  );
}

function slotNumber(name: string): number {
  return Number(name.slice(1));
}

/** Hosts change at runtime, and rules with the switch; all else that stands in the file is read by a reload alone. */
function isSameBackend(fragment: Fragment, definition: Definition): boolean {
  const changing = { slots: [], hosts: [], rules: [], port: undefined };
  return sameValue({ ...fragment, ...changing }, { ...definition, ...changing });
}

function asRunning({ name, container, port }: Slot): RunningSlot {
  const state = container === undefined ? "maint" : "ready";
  return { name, container, port, address: undefined, state, up: false, passed: false };
}
