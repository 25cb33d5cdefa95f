import type { RunningSlot } from "../proxy/runtime-output.ts";
import type { Definition } from "./definition.ts";
import type { SlotPlan } from "./slots.ts";

/** Commands that let the new slots serve and the old ones finish, to be run at once. */
export function switchCommands(
  backend: string,
  plan: SlotPlan,
  running: readonly RunningSlot[],
  { port, sticky }: Pick<Definition, "port" | "sticky">,
): string[] {
  const address = (name: string) => running.find((slot) => slot.name === name)?.address;
  // In state `drain` clients whose cookie names the slot would still come, for ever.
  const retired = sticky === true ? "maint" : "drain";
  return [
    ...plan.newcomers.flatMap((slot) => [
      `set server ${backend}/${slot} addr ${address(slot) ?? ""} port ${port}`,
      `set server ${backend}/${slot} state ready`,
      // The gate has been passed: the proxy's own checks go on from there.
      `set server ${backend}/${slot} health up`,
    ]),
    ...plan.targets
      .filter(({ slot }) => !plan.newcomers.includes(slot))
      .map(({ slot }) => `set server ${backend}/${slot} state ready`),
    ...plan.retiring.map((slot) => `set server ${backend}/${slot} state ${retired}`),
  ];
}

/** True when the process does what the switch has asked of it. */
export function isSwitched(running: readonly RunningSlot[], plan: SlotPlan): boolean {
  const find = (name: string) => running.find((slot) => slot.name === name);
  return (
    plan.targets.every(({ slot, container }) => find(slot)?.state === "ready" && find(slot)?.container === container) &&
    plan.retiring.every((slot) => find(slot)?.state !== "ready")
  );
}
