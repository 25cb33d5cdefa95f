import type { Knex } from "knex";

/** People, with a name each. */
export async function up(database: Knex): Promise<void> {
  await database.schema.createTable("people", (table) => {
    table.bigIncrements("id");
    table.string("name", 200).notNullable();
    table.timestamp("created_at").notNullable().defaultTo(database.fn.now());
  });
}

/** Takes everybody along: only for a database that nobody needs any more. */
export async function down(database: Knex): Promise<void> {
  await database.schema.dropTable("people");
}
