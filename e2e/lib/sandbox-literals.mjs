// Writes answers as a TypeScript file of typed literals: one constant for each object, one line for each field.

import { classOf, classOfBare } from './sandbox-classes.mjs';

const PRELUDE = `import Stripe from 'stripe';
declare function decimal(value: string): Stripe.Decimal;
type Before<T> = T extends Stripe.Decimal ? T
  : T extends Array<infer U> ? Array<Before<U>>
  : T extends object ? { [K in keyof T]?: Before<T[K]> | null } : T;
type Upcoming = Omit<Stripe.Invoice, 'id'>;
type UpcomingEvent = Omit<Extract<Stripe.Event, { type: 'invoice.upcoming' }>, 'data'> & { data: { object: Upcoming } };
`;

/**
 * Objects of one class and one shape are written once, so the file stays small. `places[n]` says which request and
 * field line `n` came from; `unknown` are objects without a class.
 */
export class Literals {
  #lines = PRELUDE.split('\n').slice(0, -1);
  #names = new Map();
  places = this.#lines.map(() => undefined);
  unknown = [];
  seen = new Set();

  get text() {
    return `${this.#lines.join('\n')}\nexport {};\n`;
  }

  answer({ request, body }) {
    const place = { request, path: '' };
    if (body && classOf(body)) return this.#constant(body, classOf(body), place);
    const bare = body && classOfBare(body, request);
    if (bare) return this.#constant(body, bare, place);
    this.unknown.push(`${request}: no class for ${JSON.stringify(body).slice(0, 200)}`);
  }

  /** The name of the constant that holds a value of this class and shape, written now if it is the first. */
  #constant(value, type, place) {
    if (value.object) this.seen.add(value.object);
    const key = `${type} ${shape(value)}`;
    const known = this.#names.get(key);
    if (known) return known;
    const name = `a${this.#names.size + 1}`;
    this.#names.set(key, name);
    const own = { ...place, owner: type, field: '' };
    if (value.object === 'event') this.#before(value, own);
    const lines = this.#fields(value, own);
    lines[0].text = `const ${name}: ${type} = ${lines[0].text}`;
    lines.at(-1).text += ';';
    for (const line of lines) {
      this.#lines.push(line.text);
      this.places.push(line.place);
    }
    return name;
  }

  /** What an event says was so before: parts of the object, at any depth. */
  #before(event, place) {
    const before = event.data?.previous_attributes;
    const type = event.data?.object && classOf(event.data.object);
    if (before && type) this.#constant(before, `Before<${type}>`, inside(place, 'data.previous_attributes'));
  }

  #value(value, name, place) {
    if (typeof value === 'string' && name.endsWith('_decimal') && !place.path.includes('metadata')) {
      return [{ text: `decimal(${JSON.stringify(value)})`, place }];
    }
    if (Array.isArray(value)) return this.#items(value, name, place);
    if (value === null || typeof value !== 'object') return [{ text: JSON.stringify(value), place }];
    const type = classOf(value);
    if (type) return [{ text: this.#constant(value, type, place), place }];
    if (typeof value.object === 'string') this.unknown.push(`${place.request}, ${place.path}: ${value.object}`);
    return this.#fields(value, place);
  }

  #items(items, name, place) {
    const lines = [{ text: '[', place }];
    const shapes = new Set();
    items.forEach((item, index) => {
      if (item !== null && typeof item === 'object' && shapes.has(shape(item))) return;
      shapes.add(shape(item));
      lines.push(...ended(this.#value(item, name, inside(place, index))));
    });
    return [...lines, { text: ']', place }];
  }

  #fields(value, place) {
    const lines = [{ text: '{', place }];
    for (const [name, field] of Object.entries(value)) {
      if (place.owner?.startsWith('Extract<') && name === 'previous_attributes') continue;
      const of = ended(this.#value(field, name, inside(place, name)));
      of[0].text = `${JSON.stringify(name)}: ${of[0].text}`;
      lines.push(...of);
    }
    return [...lines, { text: '}', place }];
  }
}

function inside(place, name) {
  const join = (path) => (path ? `${path}.${name}` : `${name}`);
  return { ...place, path: join(place.path), field: join(place.field ?? '') };
}

function ended(lines) {
  lines.at(-1).text += ',';
  return lines;
}

/** The same for values that the compiler cannot tell apart: ids, texts and numbers do not count, enum values do. */
function shape(value, name = '') {
  if (typeof value === 'number') return '0';
  if (typeof value === 'string') return /^[a-z][a-z_.]*$/.test(value) ? value : 'text';
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${[...new Set(value.map((item) => shape(item)))].sort()}]`;
  if (name === 'metadata') return 'metadata';
  return `{${Object.keys(value).sort().map((key) => `${key}:${shape(value[key], key)}`)}}`;
}
