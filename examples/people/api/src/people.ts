import type { Knex } from "knex";

/** What a client gives of a person. */
export interface NewPerson {
  /** 1 to 200 characters. */
  name: string;
}

/** A person as the API answers with. */
export interface Person extends NewPerson {
  id: number;
}

/** What is kept of people. */
export interface People {
  add: (person: NewPerson) => Promise<Person>;
  /** Undefined when there is none. */
  find: (id: number) => Promise<Person | undefined>;
  /** The last ones, newest first. */
  list: (most: number) => Promise<Person[]>;
  /** False when there was none. */
  remove: (id: number) => Promise<boolean>;
}

/** Keeps people in the database. */
export function peopleIn(database: Knex): People {
  const table = () => database<Person>("people");
  // By name, so that a column that a newer version adds changes nothing here.
  const select = () => table().select("id", "name");
  return {
    async add(person) {
      const [id] = await table().insert(person);
      return { id: Number(id), ...person };
    },
    find: async (id) => select().where({ id }).first(),
    list: async (most) => select().orderBy("id", "desc").limit(most),
    remove: async (id) => (await table().where({ id }).delete()) > 0,
  };
}

/** Reads what a client sent. @returns the person, or what is wrong with it. */
export function readPerson(body: unknown): NewPerson | string {
  if (typeof body !== "object" || body === null) return "must be an object";
  const name = "name" in body && typeof body.name === "string" ? body.name.trim() : "";
  if (name.length < 1 || name.length > 200) return "name: must be text of 1 to 200 characters";
  return { name };
}
