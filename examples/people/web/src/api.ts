/** What the page says of a person; what else the API tells is left out. */
export interface Person {
  id: number;
  name: string;
}

/** What the page asks the API. */
export interface Api {
  /** @throws {Error} when the API does not answer. */
  people: () => Promise<Person[]>;
  /** @returns what the API has to say against it; undefined when it was added. @throws {Error} when it does not answer. */
  add: (name: string) => Promise<string | undefined>;
}

const PATIENCE_MS = 5000;

/** The API at an address. */
export function apiAt(address: string): Api {
  const ask = (init: RequestInit = {}) =>
    fetch(`${address}/people`, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  return {
    async people() {
      const answer = await ask();
      if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
      return (await answer.json()) as Person[];
    },
    async add(name) {
      const headers = { "content-type": "application/json" };
      const answer = await ask({ method: "POST", headers, body: JSON.stringify({ name }) });
      if (answer.ok) return undefined;
      if (answer.status !== 400) throw new Error(`the API answered ${answer.status}`);
      return ((await answer.json()) as { error: string }).error;
    },
  };
}
