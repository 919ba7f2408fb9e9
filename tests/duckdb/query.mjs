// Runs SQL in DuckDB and prints the last statement's result as one JSON object:
//   {"types": {column: type}, "rows": [{column: value}]}
// The SQL is the argument, or stdin if there is none; statements are split at a ";" that ends a line.
// Numbers wider than 53 bits, and all that JSON has no word for, come as text.
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const sql = process.argv[2] ?? readFileSync(0, 'utf8');
const statements = sql.split(/;[ \t]*(?:\r?\n|$)/).filter((statement) => statement.trim() !== '');

try {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const statement of statements.slice(0, -1)) {
    await connection.run(statement);
  }

  const reader = await connection.runAndReadAll(statements.at(-1));
  const types = Object.fromEntries(reader.columnNames().map((name, i) => [name, String(reader.columnType(i))]));
  process.stdout.write(`${JSON.stringify({ types, rows: reader.getRowObjectsJson() })}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
