// Processes the tests start. None of them outlives the tests.

const running = new Set();
let isWatching = false;

/** Kills the child when the tests end, however they end. */
export function endWithUs(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  if (isWatching) return;
  isWatching = true;
  process.on('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      killAll();
      process.kill(process.pid, signal);
    });
  }
}

function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Waits until the child is gone. */
export function gone(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', resolve));
}
