import type { DatabaseInputs } from "../../../provider/database.ts";
import type { Secrets } from "../../secrets.ts";
import type * as spec from "../../spec/index.ts";
import type { DeepInput } from "../slipway-resources.ts";

/** Where a program's container finds the password of its database. */
export const PASSWORD_FILE = "database-password";

type Login = DatabaseInputs["logins"][number];

/**
 * The logins of a server: one for each program that uses it. While a rotation is not finished, a program has the one
 * before as well, under the name that it had then, so that containers of both releases work.
 */
export function loginsOf(server: string, { services, jobs }: spec.Environment, secrets: Secrets): DeepInput<Login>[] {
  return Object.entries({ ...services, ...jobs }).flatMap(([program, { database: access }]) => {
    if (access?.server !== server) return [];
    const generation = secrets.generation(access.password);
    return secrets.accepted(access.password).map((password, age) => ({
      name: loginName(program, generation - age),
      database: access.database,
      rights: access.rights,
      password,
    }));
  });
}

/** What a program is told about its database, as environment variables. The password is in a file. */
export function databaseVariables(
  program: string,
  access: spec.DatabaseAccess | undefined,
  databases: Readonly<Record<string, spec.Database>>,
  secrets: Secrets,
): Record<string, string> {
  const server = access && databases[access.server];
  if (!server) return {};
  return {
    DATABASE_HOST: access.server,
    DATABASE_REPLICA_HOST: server.replicas === 0 ? access.server : `${access.server}-replica`,
    DATABASE_PORT: server.engine === "postgres" ? "5432" : "3306",
    DATABASE_NAME: access.database,
    DATABASE_USER: loginName(program, secrets.generation(access.password)),
    DATABASE_PASSWORD_FILE: `/run/secrets/${PASSWORD_FILE}`,
  };
}

function loginName(program: string, generation: number): string {
  return generation === 0 ? program : `${program}_${generation}`;
}
