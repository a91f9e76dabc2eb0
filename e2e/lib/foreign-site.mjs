// Another site, which would like to send our forms. To a browser, localhost is another site than 127.0.0.1.

import { createServer } from 'node:http';

/** Serves a page with the form of this action and these fields, which sends itself. */
export async function startForeignSite(action, fields) {
  const inputs = fields.map(([name, value]) => `<input name="${name}" value="${value}">`).join('');
  const html = `<!doctype html><form method="post" action="${action}">${inputs}<button>Win</button></form>`;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://localhost:${server.address().port}/`, stop: () => server.close() };
}
