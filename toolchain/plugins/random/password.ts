import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import { charactersShape, drawCharacters } from "./characters.ts";
import { drawnOnce } from "./drawn.ts";

const BCRYPT_ROUNDS = 10;

const characters = {
  inputs: z.object(charactersShape),
  state: z.object({}),
  ...drawnOnce(z.strictObject(charactersShape)),
  // Reached only by a change that decides nothing, such as a keeper set to null.
  update: () => Promise.resolve({}),
};

/** A password and its bcrypt hash. Imported by its value. */
export const randomPassword = defineResource({
  ...characters,
  create: async (inputs) => {
    const result = drawCharacters(inputs);
    return { id: "none", state: { result, bcryptHash: await bcryptHash(result) } };
  },
  read: async (id, state, _context, inputs) => {
    if (state.result !== undefined) return { inputs, state };
    const imported = { length: id.length };
    return { id: "none", inputs: imported, state: { ...imported, result: id, bcryptHash: await bcryptHash(id) } };
  },
});

/** A random text that is no secret. Its id is the text; imported by it. */
export const randomString = defineResource({
  ...characters,
  create: (inputs) => {
    const result = drawCharacters(inputs);
    return Promise.resolve({ id: result, state: { result } });
  },
  read: (id, state, _context, inputs) => {
    if (state.result !== undefined) return Promise.resolve({ inputs, state });
    const imported = { length: id.length };
    return Promise.resolve({ inputs: imported, state: { ...imported, result: id } });
  },
});

async function bcryptHash(password: string): Promise<string> {
  const { default: bcrypt } = await import("bcryptjs");
  return bcrypt.hash(password, BCRYPT_ROUNDS);
}
