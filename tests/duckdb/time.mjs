// Times a query in DuckDB on one thread. The SQL is the argument. For each line on stdin it runs once and answers with a line:
// the milliseconds around the query alone, without the start of node and DuckDB.
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';

const sql = process.argv[2];
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run('SET threads = 1');
for await (const _ of createInterface({ input: process.stdin })) {
  const start = process.hrtime.bigint();
  await connection.runAndReadAll(sql);
  const end = process.hrtime.bigint();
  process.stdout.write(`${Number(end - start) / 1e6}\n`);
}
