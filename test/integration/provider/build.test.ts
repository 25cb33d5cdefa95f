import { randomBytes } from "node:crypto";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect } from "../../../provider/engine/engine.ts";
import { buildImage } from "../../../provider/image/build.ts";
import { resourceContext } from "../../unit/toolchain/plugins/context.ts";

const SECRET = "hunter2-hunter2";
const name = `build-${randomBytes(3).toString("hex")}:1`;
let directory: string;

const dockerfile = (...lines: string[]) =>
  writeFile(join(directory, "Dockerfile"), ["FROM scratch", "COPY --chmod=755 busybox /bin/sh", ...lines].join("\n"));
const build = async (secrets: Record<string, string>) =>
  buildImage(
    await connect({ config: {} }),
    {
      ...{ imageName: name, context: directory, dockerfile: join(directory, "Dockerfile"), secrets },
      ...{ labels: { "org.example.label": "here" }, credentials: () => Promise.resolve(undefined) },
    },
    resourceContext(),
  );

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-build-"));
  await copyFile("/bin/busybox", join(directory, "busybox"));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
  const docker = await connect({ config: {} });
  await docker
    .getImage(name)
    .remove({ force: true })
    .catch(() => undefined);
});

it("a build reads its secrets, and neither layers, history nor configuration have them", async () => {
  // What is read is told by its length, so that the layer differs from one without it.
  await dockerfile('RUN --mount=type=secret,id=npmrc ["/bin/sh", "-c", "wc -c < /run/secrets/npmrc > /length"]');
  await build({ npmrc: SECRET });

  const image = (await connect({ config: {} })).getImage(name);
  const { Config } = await image.inspect();
  expect(Config.Labels).toEqual({ "org.example.label": "here" });
  const archive = await image.get();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk));
  const content = Buffer.concat(chunks);
  expect(content.includes(SECRET)).toBe(false);
  expect(content.includes(`${SECRET.length}\n`)).toBe(true);
});

it("a build that fails shows no secret, and says which one it was not given", async () => {
  await dockerfile('RUN --mount=type=secret,id=npmrc ["/bin/sh", "-c", "cat /run/secrets/npmrc; exit 3"]');
  const failure = await build({ npmrc: SECRET }).catch((error: unknown) => String(error));
  expect(failure).toContain("[secret]");
  expect(failure).not.toContain(SECRET);

  await dockerfile('RUN --mount=type=secret,id=other,required=true ["/bin/sh", "-c", "exit 0"]');
  await expect(build({ npmrc: SECRET })).rejects.toThrow("other");
});
