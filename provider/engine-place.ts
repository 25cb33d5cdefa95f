import { X509Certificate } from "node:crypto";
import type Docker from "dockerode";
import { z } from "zod";
import { addressOf, connect } from "./engine/engine.ts";
import { label, labels } from "./names.ts";
import { checkInputs, holdsUnknown } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { InputFault, Properties, ResourceContext } from "./plugin/resource.ts";
import { readFiles } from "./proxy/archive.ts";

const inputs = z.object({
  /** What a platform claims on the engine. @default - nothing, for an environment */
  claim: z
    .object({
      /** First word of all that this installation owns there. */
      namespace: label,
      /** Certificate of the installation's authority, PEM: what tells it from another of the same name. */
      authority: z.string(),
    })
    .optional(),
});

const planned = inputs.extend({
  /** Address by which the engine was reached first; computed. */
  address: z.string(),
  /** What the engine calls itself; computed, where it answers. */
  engine: z.string().optional(),
});

const state = planned.required({ engine: true });

/** Inputs of {@link enginePlace}. */
export type EnginePlaceInputs = z.input<typeof inputs>;

type Claim = NonNullable<z.output<typeof inputs>["claim"]>;

/**
 * The engine that a stack is on. An `up` that would reach another one, where nothing is of what the state has, ends before
 * anything is touched; so does that of a second installation under a namespace that the engine has already. It makes
 * nothing, and asks the engine only where the address differs from last time.
 */
export const enginePlace = defineResource({
  inputs: planned,
  state,
  async check(news, olds, context) {
    const checked = checkInputs(inputs, news);
    if (checked.faults.length > 0) return checked;
    const { data: claim } = inputs.shape.claim.safeParse(news.claim);
    const { data: before } = state.safeParse(olds);
    const address = addressOf(context);
    const recorded = {
      ...checked.inputs,
      address: before?.address ?? address,
      ...(before && { engine: before.engine }),
    };
    const isClaimed = before !== undefined && before.claim?.namespace === claim?.namespace;
    if (before?.address === address && isClaimed) return { inputs: recorded };
    // One that does not answer is told of when something is made there; a preview can do without.
    const docker = await connect(context).catch(() => undefined);
    if (!docker) return { inputs: recorded };
    const engine = await nameOf(docker);
    if (before && before.engine !== engine) return refused(recorded, moved(before.address, address, context));
    if (claim && !isClaimed && (await isTaken(docker, claim))) return refused(recorded, taken(claim));
    // Another way to the same engine is no change.
    return { inputs: { ...recorded, engine } };
  },
  diff: (olds, news) => ({ changed: changedProperties(olds.inputs, news) }),
  async create(news, context) {
    const { engine = await nameOf(await connect(context)) } = news;
    return { id: engine, state: { ...news, engine } };
  },
  update: (_id, { engine }, news) => Promise.resolve({ engine, ...news }),
  async read(_id, recorded, context) {
    const { engine } = state.parse(recorded);
    // As everything else that a refresh does not find on this engine.
    return (await nameOf(await connect(context))) === engine ? { state: recorded } : undefined;
  },
});

async function nameOf(docker: Docker): Promise<string> {
  return engineInfo.parse(await docker.info()).ID;
}

const engineInfo = z.object({ ID: z.string() });

/** Without a property Pulumi shows the reason alone, and not all of the inputs before it. */
function refused(recorded: Properties, reason: string): { inputs: Properties; faults: InputFault[] } {
  return { inputs: recorded, faults: [{ property: "", reason }] };
}

function moved(from: string, to: string, { urn }: ResourceContext): string {
  const stack = urn.split("::")[0]?.slice("urn:pulumi:".length) ?? "";
  return (
    `stack ${stack} is on the engine at ${from}; at ${to} is another one, which has nothing of it. Take the address back ` +
    `(DOCKER_HOST, or target.host of the stack file), or move: pulumi destroy -s ${stack} with the old address, then deploy here. ` +
    `Where the old engine is gone for good, pulumi up --refresh -s ${stack} makes everything anew here`
  );
}

function taken({ namespace }: Claim): string {
  return (
    `slipway:namespace: must be one that no other installation has on this engine, got "${namespace}", whose proxy is of another ` +
    "state. Give this checkout a namespace of its own in Pulumi.yaml, and ports of its own: pulumi config set slipway:httpsPort … " +
    "-s platform, likewise httpPort, statusPort and registryPort. If the state of that installation is lost: docs/operations.md, State"
  );
}

/** True when the namespace's proxy presents by default what another authority than the installation's own has signed. */
async function isTaken(docker: Docker, { namespace, authority }: Claim): Promise<boolean> {
  const label = [`${labels.namespace}=${namespace}`, `${labels.role}=proxy`];
  const [proxy] = await docker.listContainers({ all: true, filters: { label } });
  if (!proxy) return false;
  // A state that has made no authority yet has made no proxy either.
  if (holdsUnknown(authority)) return true;
  const file = "00-default.pem";
  const pem = (await readFiles(docker.getContainer(proxy.Id), `/etc/slipway/certs/${file}`)).get(file);
  // Without one it cannot be told, and a deploy puts one there.
  return pem !== undefined && !new X509Certificate(pem).verify(new X509Certificate(authority).publicKey);
}
