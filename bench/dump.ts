import type Docker from "dockerode";
import { exec } from "../provider/engine/exec.ts";
import { nodeOf, writeStack } from "../test/integration/databases/project.ts";
import type { Workspace } from "../test/support/workspace.ts";
import { goalOf, summarize } from "./figures.ts";
import type { Measurement, Series } from "./figures.ts";

/** Rows of about 230 bytes that can be compressed to a third: 300 MB. */
const ROWS = 1_300_000;
const STACK = "dump";
/** By hand over what ours takes is to be at least 0.95. */
const MOST = 1 / 0.95;

/** What is done by hand, in the server's own container. */
interface ByHand {
  engine: "postgres" | "mariadb";
  server: string;
  fill: string;
  dump: string;
  restore: string;
}

const PSQL = "psql -X -q -d";
const CLIENT = "mariadb --no-defaults --socket=/run/mysqld/mysqld.sock";
const [PG, MY] = ["/var/lib/postgresql/data/by-hand", "/var/lib/mysql/by-hand"];
const TEXT = "concat(md5(n::text), ' ', repeat(md5((n % 1000)::text), 5))";

const ENGINES: readonly ByHand[] = [
  {
    engine: "postgres",
    server: "main",
    fill: `${PSQL} main -c "CREATE TABLE words AS SELECT n AS id, ${TEXT} AS line FROM generate_series(1, ${ROWS}) n" -c "ALTER TABLE words ADD PRIMARY KEY (id)"`,
    dump: `pg_dump --format=custom --file=${PG} main`,
    restore: `dropdb --if-exists by_hand && createdb by_hand && pg_restore --dbname=by_hand ${PG} && dropdb by_hand`,
  },
  {
    engine: "mariadb",
    server: "texts",
    fill: `${CLIENT} texts -e "CREATE TABLE words (id int PRIMARY KEY, line text) SELECT seq AS id, concat(md5(seq), ' ', repeat(md5(seq % 1000), 5)) AS line FROM seq_1_to_${ROWS}"`,
    dump: `mariadb-dump --no-defaults --socket=/run/mysqld/mysqld.sock --single-transaction texts | gzip > ${MY}`,
    restore: `${CLIENT} -e "DROP DATABASE IF EXISTS by_hand; CREATE DATABASE by_hand" && gzip -dc ${MY} | ${CLIENT} by_hand && ${CLIENT} -e "DROP DATABASE by_hand"`,
  },
];

/** Measures backups and restores against the servers' own programs run by hand: the same data, in turns. */
export async function measureDump(workspace: Workspace, rounds: number): Promise<Measurement> {
  const databases = ENGINES.map(
    ({ engine, server }) =>
      `${server}: { engine: "${engine}", memoryMb: 512, backup: { schedule: "0 3 * * *", prove: false, keep: 1 } },`,
  );
  await writeStack(workspace, STACK, `services: {}, databases: { ${databases.join(" ")} },`);
  await workspace.up(STACK);
  const series: Series[] = [];
  const ratios: number[] = [];
  for (const by of ENGINES) {
    const container = nodeOf(workspace, STACK, `${by.server}-1`);
    await succeed(container, by.fill);
    for (const [what, own] of [
      ["dump", "backup"],
      ["restore", "restore"],
    ] as const) {
      const [byHand, ours]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        byHand.push(await timed(() => succeed(container, by[what])));
        ours.push(await timed(() => npm(workspace, own, by.server)));
      }
      const ratio = summarize(ours).median / summarize(byHand).median;
      ratios.push(ratio);
      series.push(
        { name: `${by.engine}: ${what} by hand`, unit: "s", values: byHand },
        { name: `${by.engine}: npm run ${own}`, unit: "s", values: ours },
        { name: `  by hand over ours`, unit: "", values: [1 / ratio] },
      );
    }
  }
  return {
    what: "dump",
    title: `backup and restore of ${ROWS} rows, 300 MB, against pg_dump and mariadb-dump | gzip run by hand in the server's container`,
    series,
    remarks: [
      "Ours counts rows and checksums of the same snapshot as well; a restore compares them before it takes the old one's place.",
    ],
    goal: goalOf("ours over by hand, the worst of them", Math.max(...ratios), MOST),
  };
}

async function npm(workspace: Workspace, command: string, database: string): Promise<void> {
  const { exitCode, output } = await workspace.run("npm", ["run", "--silent", command, "--", "-s", STACK, database]);
  if (exitCode !== 0) throw new Error(output);
}

async function succeed(container: Docker.Container, script: string): Promise<void> {
  const { code, stderr } = await exec(container, ["sh", "-c", script]);
  if (code !== 0) throw new Error(`${script}: ${stderr}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
