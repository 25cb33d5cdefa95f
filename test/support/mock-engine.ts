import * as pulumi from "@pulumi/pulumi";

/** A resource as a program registered it, with secrets told apart. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** Top-level inputs that are secret. */
  secrets: string[];
}

const READ_STACK_OUTPUTS = "pulumi:pulumi:readStackOutputs";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Stands in for the Pulumi engine and records what is registered. Unlike the SDK's own mocks it refuses two resources of
 * one name and type, and calls that nobody answers.
 */
export async function mockEngine(answers: { stackReferences?: Record<string, unknown> } = {}): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, id }) {
        if (type === "pulumi:pulumi:StackReference") {
          return { id: name, state: { ...asRecord(inputs), outputs: answers.stackReferences ?? {} } };
        }
        if (registered.some((other) => other.type === type && other.name === name)) {
          throw new Error(`${type} "${name}" is registered twice`);
        }
        const plain = asRecord(inputs);
        const secrets = Object.keys(plain)
          .filter((key) => containsSecret(plain[key]))
          .sort();
        registered.push({ type, name, inputs: asRecord(withoutEnvelopes(plain)), secrets });
        return {
          id: id === undefined || id === "" ? `${name}-id` : id,
          state: { ...plain, ...computed(type, name, plain) },
        };
      },
      call({ token }) {
        if (token === READ_STACK_OUTPUTS) return { outputs: answers.stackReferences ?? {} };
        throw new Error(`nobody answers a call of ${token}`);
      },
    },
    "slipway",
    "dev",
  );
  return registered;
}

/** Finds the one resource of a type and name. @throws {Error} when there is none, naming those there are. */
export function find(registered: Registered[], type: string, name: string): Registered {
  const found = registered.find((resource) => resource.type === type && resource.name === name);
  if (found) return found;
  throw new Error(`no ${type} "${name}" among ${registered.map((it) => `${it.type} "${it.name}"`).join(", ")}`);
}

/** Waits until everything that the program makes is registered. */
export async function allRegistered(): Promise<void> {
  await pulumi.runtime.disconnect(false);
}

/** Waits for the value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    pulumi.output(output).apply(resolve);
  });
}

/** What providers compute of the resources that our components use. */
function computed(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  switch (type) {
    case "random:index/randomPassword:RandomPassword":
      return { result: `${name}-result`, bcryptHash: `$2b$10$abcdefghijklmnopqrstuu${"h".repeat(31)}` };
    case "slipway:index:ImageBuild":
      return { image: `127.0.0.1:5000/built@sha256:${"a".repeat(64)}` };
    case "docker:index/container:Container":
    case "docker:index/network:Network":
      return { name: inputs.name ?? `${name}-1a2b3c4` };
    case "slipway:index:Database":
      return { data: { main: `${name} data` } };
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: pulumi.secret(`${name} key`) };
    case "tls:index/selfSignedCert:SelfSignedCert":
      return { certPem: `${name} certificate` };
    case "slipway:index:AcmeCertificate":
    case "slipway:index:IssuedCertificate":
      return { pem: pulumi.secret(`${name} pem`) };
    case "slipway:index:SecretFiles":
      return { volume: `slipway-${name}-1a2b3c4` };
    case "slipway:index:Release":
      return { releasedAt: "2026-11-22T00:00:00.000Z" };
    default:
      return {};
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function isEnvelope(value: unknown): value is { value: unknown } {
  return asRecord(value)[SIGNATURE] === SECRET;
}

function containsSecret(value: unknown): boolean {
  if (isEnvelope(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(containsSecret);
}

function withoutEnvelopes(value: unknown): unknown {
  if (isEnvelope(value)) return withoutEnvelopes(value.value);
  if (Array.isArray(value)) return value.map(withoutEnvelopes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutEnvelopes(item)]));
}
