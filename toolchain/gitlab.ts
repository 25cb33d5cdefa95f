import { z } from "zod";

/** The notes of one merge request, through GitLab's API (docs.gitlab.com/api/notes). */
export class MergeRequestNotes {
  private readonly url: string;
  private readonly token: string;

  /**
   * @param mergeRequest - address of the merge request in the API: `<api>/projects/<id>/merge_requests/<iid>`
   * @param token - access token with the scope `api`
   */
  constructor(mergeRequest: string, token: string) {
    this.url = `${mergeRequest}/notes`;
    this.token = token;
  }

  /**
   * Writes a note, in place of an earlier one that begins with the same marker.
   *
   * @throws {Error} when GitLab does not answer, or refuses.
   */
  async write(marker: string, text: string): Promise<"created" | "updated"> {
    const body = `${marker}\n${text}`;
    const earlier = await this.find(marker);
    if (earlier === undefined) await this.send("POST", this.url, { body });
    else await this.send("PUT", `${this.url}/${earlier}`, { body });
    return earlier === undefined ? "created" : "updated";
  }

  private async find(marker: string): Promise<number | undefined> {
    for (let page = "1"; page !== "";) {
      const answer = await this.send("GET", `${this.url}?per_page=100&page=${page}`);
      const found = notesSchema.parse(await answer.json()).find(({ body }) => body.startsWith(marker));
      if (found !== undefined) return found.id;
      page = answer.headers.get("x-next-page") ?? "";
    }
    return undefined;
  }

  private async send(method: string, url: string, content?: object): Promise<Response> {
    const answer = await fetch(url, {
      method,
      headers: { "PRIVATE-TOKEN": this.token, ...(content && { "Content-Type": "application/json" }) },
      body: content && JSON.stringify(content),
      signal: AbortSignal.timeout(ANSWER_SECONDS * 1000),
    });
    if (answer.ok) return answer;
    throw new Error(`GitLab answered ${answer.status} to ${method} ${url}: ${(await answer.text()).slice(0, 500)}`);
  }
}

const ANSWER_SECONDS = 30;
const notesSchema = z.array(z.object({ id: z.number(), body: z.string() }));
