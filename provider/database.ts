import { bringUp } from "./database/bring-up.ts";
import { inputs, state } from "./database/inputs.ts";
import { findDatabase, missingFrom } from "./database/survey.ts";
import { connect } from "./engine/engine.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";

const IDENTITY = ["namespace", "environment", "database"];

/**
 * One database server with its replicas, once it can be used: the primary answers, each program has its login, and the
 * replicas follow. Programs that use it depend on this. Its data is in volumes, and nothing here deletes any.
 */
export const database = defineResource({
  inputs,
  state,
  check(news, olds) {
    const { inputs: checked, faults } = checkInputs(inputs, news);
    const [before, after] = [olds?.engine, news.engine].map((engine) => inputs.shape.engine.safeParse(engine).data);
    if (before === undefined || before === after) return { inputs: checked, faults };
    const reason = `is ${before} and cannot become ${after ?? "anything else"}: dump it and restore it into a database of another name`;
    return { inputs: checked, faults: [...faults, { property: "engine", reason }] };
  },
  diff(olds, news) {
    // What an earlier version has recorded lacks it.
    const unknown = olds.state.data === undefined ? ["data"] : [];
    const changed = [...changedProperties(olds.inputs, news), ...unknown];
    return { changed, replaces: changed.filter((key) => IDENTITY.includes(key)) };
  },
  async create(plan, context) {
    const made = await bringUp(plan, [], context);
    return { id: `${plan.namespace}/${plan.environment}/${plan.database}`, state: made };
  },
  async update(_id, olds, plan, context) {
    const wanted = plan.logins.map(({ name }) => name);
    const dropped = olds.logins.map(({ name }) => name).filter((name) => !wanted.includes(name));
    return bringUp(plan, dropped, context);
  },
  // A container that is replaced leaves the data where it is.
  foresee: ({ state: { data } }) => (data === undefined ? {} : { data }),
  async read(_id, recorded, context, last) {
    const plan = state.parse(recorded);
    const found = await findDatabase(await connect(context), plan);
    const missing = missingFrom(plan, found);
    if (missing.length > 0) context.warn(`databases.${plan.database}: there is no ${missing.join(", no ")}`);
    const { nodes, databases, logins, data } = found;
    // The record keeps what there has to be, for those who ask how it is.
    return { inputs: { ...last, nodes, databases, logins }, state: { ...plan, data } };
  },
});

export type { DatabaseInputs } from "./database/inputs.ts";
