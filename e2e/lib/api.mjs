import { randomUUID } from 'node:crypto';

// The JSON API beside the pages: makes what a test starts from, and tells what is really stored.

const APP = '/apps/app_demo/billing';

export class Api {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  get(path) {
    return this.#ask('GET', path);
  }

  post(path, body) {
    return this.#ask('POST', path, body);
  }

  patch(path, body) {
    return this.#ask('PATCH', path, body);
  }

  delete(path) {
    return this.#ask('DELETE', path);
  }

  /** All of a list, the newest first. */
  async list(path) {
    const items = [];
    let cursor;
    do {
      const query = new URLSearchParams({ limit: 100, ...(cursor && { cursor }) });
      const part = await this.get(`${path}${path.includes('?') ? '&' : '?'}${query}`);
      items.push(...part.items);
      cursor = part.nextCursor;
    } while (cursor);
    return items;
  }

  enable(gateway = 'managed') {
    return this.post('/billing/enable', { gateway });
  }

  createPlan(plan) {
    return this.post(`${APP}/plans`, plan);
  }

  editPlan(id, changes) {
    return this.patch(`${APP}/plans/${id}`, changes);
  }

  archivePlan(id) {
    return this.delete(`${APP}/plans/${id}`);
  }

  addPrice(planId, minorUnits, currency, interval) {
    return this.post(`${APP}/plans/${planId}/prices`, price(minorUnits, currency, interval));
  }

  createFeature(feature) {
    return this.post(`${APP}/features`, feature);
  }

  editFeature(key, changes) {
    return this.patch(`${APP}/features/${key}`, changes);
  }

  attach(planId, feature) {
    return this.post(`${APP}/plans/${planId}/features`, feature);
  }

  /** Everything that is stored; the catalog only while billing is on. */
  async state() {
    const [status, apps, log] = await Promise.all([
      this.get('/billing/status'),
      this.list('/apps'),
      this.list('/billing/audit-log'),
    ]);
    if (!status.billingEnabled) return { status, apps, log };
    const [plans, archived, features] = await Promise.all([
      this.list(`${APP}/plans`),
      this.list(`${APP}/plans?archived=true`),
      this.list(`${APP}/features`),
    ]);
    return { status, apps, log, plans, archived, features };
  }

  async #ask(method, path, body) {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    if (method === 'POST') headers['idempotency-key'] = randomUUID();
    const request = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`${this.url}/v1/dashboard${path}`, request);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

export function price(minorUnits, currency = 'USD', interval = 'month') {
  return { amount: { minorUnits, currency }, interval };
}
