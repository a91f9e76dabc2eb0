// A request byte for byte: clients of HTTP refuse to send some of what must be refused here.

import { connect } from 'node:net';

const DEADLINE = 10_000;

/** Sends it with these header lines, in Latin-1, and gives the status. */
export function post(port, path, lines, body) {
  const bytes = Buffer.from(body);
  const head = [
    `POST ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: close', `Content-Length: ${bytes.length}`,
    'Content-Type: application/json', ...lines, '', '',
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const said = [];
    socket.setTimeout(DEADLINE, () => socket.destroy(new Error('no answer came')));
    socket.on('data', (chunk) => said.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(Buffer.concat(said).toString('latin1'))?.[1];
      if (status) resolve(Number(status));
      else reject(new Error('no answer came'));
    });
    socket.write(Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), bytes]));
  });
}
