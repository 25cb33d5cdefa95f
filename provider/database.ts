import { bringUp } from "./database/bring-up.ts";
import { inputs } from "./database/inputs.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";

const IDENTITY = ["namespace", "environment", "database"];

/**
 * One database server with its replicas, once it can be used: the primary answers, each program has its login, and the
 * replicas follow. Programs that use it depend on this. Its data is in volumes, and nothing here deletes any.
 */
export const database = defineResource({
  inputs,
  state: inputs,
  check(news, olds) {
    const { inputs: checked, faults } = checkInputs(inputs, news);
    const [before, after] = [olds?.engine, news.engine].map((engine) => inputs.shape.engine.safeParse(engine).data);
    if (before === undefined || before === after) return { inputs: checked, faults };
    const reason = `is ${before} and cannot become ${after ?? "anything else"}: dump it and restore it into a database of another name`;
    return { inputs: checked, faults: [...faults, { property: "engine", reason }] };
  },
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news);
    return { changed, replaces: changed.filter((key) => IDENTITY.includes(key)) };
  },
  async create(plan, context) {
    await bringUp(plan, [], context);
    return { id: `${plan.namespace}/${plan.environment}/${plan.database}`, state: plan };
  },
  async update(_id, olds, plan, context) {
    const wanted = plan.logins.map(({ name }) => name);
    const dropped = olds.logins.map(({ name }) => name).filter((name) => !wanted.includes(name));
    await bringUp(plan, dropped, context);
    return plan;
  },
});

export type { DatabaseInputs } from "./database/inputs.ts";
