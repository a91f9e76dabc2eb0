// A throw-away Postgres server in a temporary folder, reachable through a Unix socket only.

import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { postgresBinaries } from './environment.mjs';
import { endWithUs, gone } from './processes.mjs';

// When the test process goes away for whatever reason, the pipe on standard input closes and the server is stopped.
const STOP_WITH_US =
  '"$0" "$@" </dev/null & server=$!; cat >/dev/null; kill -INT $server; wait $server';

export class PostgresCluster {
  #binaries = postgresBinaries();
  #folder = mkdtempSync('/tmp/kl-e2e-pg-');
  #owner = nonRootOwner();
  #server;

  static async start() {
    const cluster = new PostgresCluster();
    await cluster.#start();
    return cluster;
  }

  /** Makes a database and tells its URL. */
  createDatabase(name) {
    this.psql('postgres', `CREATE DATABASE ${name}`);
    return `postgres://billing@${encodeURIComponent(this.#folder)}/${name}`;
  }

  /** Runs SQL in a database, as its owner could by hand. */
  psql(database, sql) {
    const connection = ['-h', this.#folder, '-U', 'billing', '-d', database];
    const options = ['--no-psqlrc', '-qAt', '-v', 'ON_ERROR_STOP=1', '-c', sql];
    return execFileSync(join(this.#binaries, 'psql'), [...connection, ...options], { encoding: 'utf8' }).trim();
  }

  async stop() {
    this.#server.stdin.end();
    await gone(this.#server);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start() {
    if (this.#owner.uid !== undefined) chownSync(this.#folder, this.#owner.uid, this.#owner.gid);
    const data = join(this.#folder, 'data');
    const ours = { cwd: '/', ...this.#owner };
    const auth = ['--username=billing', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];
    execFileSync(join(this.#binaries, 'initdb'), [...auth, '-D', data], { ...ours, stdio: 'pipe' });
    const settings = ['-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'max_connections=200'];
    const command = [join(this.#binaries, 'postgres'), '-D', data, '-k', this.#folder, ...settings];
    this.#server = spawn('sh', ['-c', STOP_WITH_US, ...command], { ...ours, stdio: ['pipe', 'ignore', 'ignore'] });
    endWithUs(this.#server);
    const deadline = Date.now() + 60_000;
    while (!(await this.#answers())) {
      if (Date.now() > deadline) throw new Error('Postgres did not answer within a minute');
    }
  }

  #answers() {
    const asking = spawn(join(this.#binaries, 'pg_isready'), ['-q', '-h', this.#folder]);
    return new Promise((resolve) => asking.once('exit', (code) => resolve(code === 0)));
  }
}

/** Postgres refuses to run as root: then as `postgres` if there is such a user, and as `nobody` otherwise. */
function nonRootOwner() {
  if (process.getuid() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const find = (name) => users.find(([known]) => known === name);
  const [, , uid, gid] = find('postgres') ?? find('nobody');
  return { uid: Number(uid), gid: Number(gid) };
}
