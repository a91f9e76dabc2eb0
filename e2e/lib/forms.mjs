// Forms as a browser sends them, sent by hand: the same one twice, with other values, or from elsewhere.

/** Opens a page with a form, presses what makes the form longer, and opens whatever is folded. */
export async function openForm(visitor, { page: path, presses = [] }) {
  const { page } = visitor;
  await visitor.opens(path);
  for (const name of presses) {
    const button = page.getByRole('button', { name, exact: true });
    await Promise.all([page.waitForEvent('load'), button.click()]);
  }
  await unfold(page);
}

export function unfold(page) {
  return page.locator('main details').evaluateAll((all) => all.forEach((one) => { one.open = true; }));
}

/** What a browser would send for the form with this button, with everything hidden in it. */
export async function filledForm(page, buttonName) {
  const button = page.locator('main').getByRole('button', { name: buttonName, exact: true });
  const form = await button.evaluate((element) => ({
    action: element.form.action,
    fields: [...new FormData(element.form)].map(([name, value]) => [name, value]),
  }));
  return new FilledForm(form.action, form.fields);
}

export class FilledForm {
  constructor(action, fields) {
    this.action = action;
    this.fields = fields;
  }

  /** The same form with some fields changed; undefined leaves one out. */
  with(changes) {
    const kept = this.fields.filter(([name]) => !(name in changes));
    const added = Object.entries(changes).filter(([, value]) => value !== undefined);
    return new FilledForm(this.action, [...kept, ...added]);
  }

  /** Sends it with the cookies of a visitor, as from one of our pages, and follows no redirect. */
  async send(visitor, headers = { 'sec-fetch-site': 'same-origin', origin: visitor.service.url }) {
    const response = await visitor.context.request.post(this.action, {
      data: String(new URLSearchParams(this.fields)),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      maxRedirects: 0,
    });
    return { status: response.status(), location: response.headers().location, html: await response.text() };
  }
}
