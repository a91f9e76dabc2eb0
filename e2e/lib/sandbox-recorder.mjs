// Stands between a client and the sandbox and keeps what was answered, so that it can be held against Stripe's types.

import { Agent, createServer, request } from 'node:http';

/** Not part of Stripe's published API, so nothing says what they answer. */
const UNPUBLISHED = /^\/(_sandbox|v1\/payment_pages)\b/;

export class Recorder {
  #agent = new Agent({ keepAlive: true });
  #server;

  /** Each is `{ request, body }`; `request` is what a person would call it. */
  answers = [];

  static async before(target) {
    const recorder = new Recorder();
    recorder.#server = createServer((incoming, outgoing) => recorder.#pass(target, incoming, outgoing));
    await new Promise((resolve) => recorder.#server.listen(0, '127.0.0.1', resolve));
    recorder.port = recorder.#server.address().port;
    recorder.url = `http://127.0.0.1:${recorder.port}`;
    return recorder;
  }

  keep(request, body) {
    this.answers.push({ request, body });
  }

  stop() {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #pass(target, incoming, outgoing) {
    const { method, url, headers } = incoming;
    const { hostname, port } = new URL(target);
    const options = { hostname, port, method, path: url, headers, agent: this.#agent };
    const onward = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => this.#consider(`${method} ${url}`, answer, Buffer.concat(chunks)));
      answer.on('error', () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }

  #consider(label, answer, bytes) {
    const path = label.slice(label.indexOf(' ') + 1);
    if (UNPUBLISHED.test(path) || !/\bjson\b/.test(answer.headers['content-type'] ?? '')) return;
    this.keep(decodeURIComponent(label), JSON.parse(bytes.toString('utf8')));
  }
}
