// The proxy through which a service sends its requests to Stripe. All of them are recorded.

import { Agent, createServer, request } from 'node:http';

export class Outgoing {
  #agent = new Agent({ keepAlive: true });
  #server;
  #spoiled = new Set();

  /** Each is `{ method, path, query, body }`, in the order in which they came. */
  requests = [];

  static async open() {
    const outgoing = new Outgoing();
    outgoing.#server = createServer((incoming, answer) => outgoing.#take(incoming, answer));
    await new Promise((resolve) => outgoing.#server.listen(0, '127.0.0.1', resolve));
    return outgoing;
  }

  /** The settings of a process that uses it. */
  get settings() {
    return { http_proxy: `http://127.0.0.1:${this.#server.address().port}` };
  }

  /** The next such request is carried out, and its answer is replaced by a failure of Stripe's. */
  spoil(method, path) {
    this.#spoiled.add(`${method} ${path}`);
  }

  stop() {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #take(incoming, answer) {
    const { method, headers } = incoming;
    const url = new URL(incoming.url);
    const chunks = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      // The process was killed behind half a request, which nobody was sent.
      return;
    }
    const body = Buffer.concat(chunks);
    this.requests.push({ method, path: url.pathname, query: url.search.slice(1), body: body.toString() });
    const isSpoiled = this.#spoiled.delete(`${method} ${url.pathname}`);
    const onward = request(url, { method, headers, agent: this.#agent }, (given) => {
      if (isSpoiled) {
        given.resume();
        given.on('end', () => fail(answer));
        return;
      }
      answer.writeHead(given.statusCode, given.headers);
      given.on('error', () => answer.destroy());
      given.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    onward.end(body);
  }
}

/** As Stripe does when it will only repeat the failure. */
function fail(answer) {
  answer.writeHead(500, { 'content-type': 'application/json', 'stripe-should-retry': 'false' });
  answer.end(JSON.stringify({ error: { type: 'api_error', message: 'An unknown error occurred.' } }));
}
