// Jobs without work in graphile-worker, in batches: `node queue.mjs URL JOBS`.
import { run } from "graphile-worker";
import pg from "pg";

const [url, jobs] = [process.argv[2], Number(process.argv[3])];
const pool = new pg.Pool({ connectionString: url, max: 26 });
pool.on("error", () => {});
pool.on("connect", (client) => client.on("error", () => {}));
let left = jobs;
let finish;
const finished = new Promise((resolve) => (finish = resolve));
const options = {
  pgPool: pool,
  schema: "bench_graphile",
  concurrency: 24,
  noHandleSignals: true,
  logger: new (await import("graphile-worker")).Logger(() => () => {}),
  preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
};
const { runMigrations } = await import("graphile-worker");
await pool.query("DROP SCHEMA IF EXISTS bench_graphile CASCADE");
await runMigrations(options);
const add = performance.now();
const specs =
  "SELECT array_agg(json_populate_record(null::bench_graphile.job_spec, json_build_object('identifier', 'nothing', " +
  "'payload', json_build_object('id', n)))) FROM generate_series(1, $1::int) n";
await pool.query(`SELECT count(*) FROM bench_graphile.add_jobs((${specs}))`, [jobs]);
console.log(`enqueue of ${jobs}: ${((1000 * jobs) / (performance.now() - add)).toFixed(0)} jobs/s`);
const begin = performance.now();
const runner = await run({ ...options, taskList: { nothing: async () => { if (--left === 0) finish(); } } });
await finished;
const seconds = (performance.now() - begin) / 1000;
console.log(`claim and complete, 24 at a time: ${(jobs / seconds).toFixed(0)} jobs/s`);
await runner.stop();
await pool.query("DROP SCHEMA bench_graphile CASCADE");
await pool.end();
