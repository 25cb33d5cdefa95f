import { randomBytes } from "node:crypto";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { keepers } from "./characters.ts";
import { drawnOnce } from "./drawn.ts";

const bytesShape = { length: z.number().int().min(1), keepers };
const idShape = { byteLength: z.number().int().min(1), prefix: z.string().optional(), keepers };
const update = () => Promise.resolve({});

/** Random bytes, a secret. Imported by their base64 form. */
export const randomBytesResource = defineResource({
  inputs: z.object(bytesShape),
  state: z.object({}),
  ...drawnOnce(z.strictObject(bytesShape)),
  create: ({ length }) => Promise.resolve({ id: "none", state: encodings(randomBytes(length)) }),
  update,
  read: (id, state, _context, inputs) => {
    if (state.base64 !== undefined) return Promise.resolve({ inputs, state });
    const bytes = Buffer.from(id, "base64");
    const imported = { length: bytes.length };
    return Promise.resolve({ id: "none", inputs: imported, state: { ...imported, ...encodings(bytes) } });
  },
});

/** A random identifier in several spellings. Its id is the URL-safe base64; imported by it, as `prefix,id`. */
export const randomId = defineResource({
  inputs: z.object(idShape),
  state: z.object({}),
  ...drawnOnce(z.strictObject(idShape)),
  create: ({ byteLength, prefix }) => {
    const bytes = randomBytes(byteLength);
    return Promise.resolve({ id: bytes.toString("base64url"), state: spellings(bytes, prefix) });
  },
  update,
  read: (id, state, _context, inputs) => {
    if (state.hex !== undefined) return Promise.resolve({ inputs, state });
    const comma = id.lastIndexOf(",");
    const prefix = comma < 0 ? undefined : id.slice(0, comma);
    const bytes = Buffer.from(id.slice(comma + 1), "base64url");
    const imported = { byteLength: bytes.length, prefix };
    const recorded = { ...imported, ...spellings(bytes, prefix) };
    return Promise.resolve({ id: bytes.toString("base64url"), inputs: imported, state: recorded });
  },
});

function encodings(bytes: Buffer): Properties {
  return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
}

function spellings(bytes: Buffer, prefix = ""): Properties {
  return {
    hex: prefix + bytes.toString("hex"),
    dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + bytes.toString("base64url"),
  };
}
