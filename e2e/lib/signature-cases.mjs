// Headers that sign, or do not sign, a webhook.

import { createHmac } from 'node:crypto';

export const SECRET = 'whsec_of_the_managed_account';
const OTHER = 'whsec_of_somebody_else';
const TOO_OLD = 310;
const JUST_RIGHT = 290;

/** The signature of a text. */
function hex(text, secret = SECRET, hash = 'sha256') {
  return createHmac(hash, secret).update(text).digest('hex');
}

/** A time, with the header of a signature under it as written. */
const at = (seconds) => ({ t, body }) => `t=${t + seconds},v1=${hex(`${t + seconds}.${body}`)}`;

/** A time as written, with the signature of what the SDK reads it as. */
const read = (written, value) => ({ t, body }) => `t=${written(t)},v1=${hex(`${value(t)}.${body}`)}`;
const same = (t) => t;

const FUTURE = 'the official SDK bounds only old times; a time far ahead would make a header good for that long';
const STRICT_TIME = 'a time is digits only, and signed as written; the official SDK reads a number out of it';
const ONE_TIME = 'with two times, which one was signed is a guess; Stripe sends one';
const MALFORMED = 'Stripe sends elements of the form name=value only';

/**
 * Each is `[title, header, more]`. The header is made of the time `t`, the body and its signature `s`; `undefined` is none,
 * and an array one of several lines. `more.body` is the body that is sent instead of the signed one, `more.stricter` the
 * reason for a refusal of what the official SDK takes, and `more.refusal` its status if it is not 400.
 */
export const CASES = [
  ['one signature', ({ t, s }) => `t=${t},v1=${s}`],
  ['the time behind the signature', ({ t, s }) => `v1=${s},t=${t}`],
  ['two signatures, the second of another secret', ({ t, s, body }) => `t=${t},v1=${s},v1=${hex(`${t}.${body}`, OTHER)}`],
  ['two signatures, the first of another secret', ({ t, s, body }) => `t=${t},v1=${hex(`${t}.${body}`, OTHER)},v1=${s}`],
  ['the same signature twice', ({ t, s }) => `t=${t},v1=${s},v1=${s}`],
  ['twenty signatures, of which the last is right', ({ t, s }) => `t=${t},${wrong(19)},v1=${s}`],
  ['sixty kilobytes of signatures, of which the last is right', ({ t, s }) => `t=${t},${wrong(900)},v1=${s}`, {
    stricter: 'so long a header is refused before it is read', refusal: 431,
  }],
  ['a signature of v0 beside that of v1', ({ t, s }) => `t=${t},v1=${s},v0=${hex('of a test')}`],
  ['an unknown scheme beside v1', ({ t, s }) => `t=${t},v2=abc,v1=${s}`],
  ['an element without a name beside v1', ({ t, s }) => `t=${t},=abc,v1=${s}`],
  ['a signature of v0 only', ({ t, s }) => `t=${t},v0=${s}`],
  ['a signature of an unknown scheme only', ({ t, s }) => `t=${t},v2=${s}`],
  ['no signature', ({ t }) => `t=${t}`],
  ['no time', ({ s }) => `v1=${s}`],
  ['an empty time', ({ s }) => `t=,v1=${s}`],
  ['an empty signature', ({ t }) => `t=${t},v1=`],
  ['an empty signature beside the right one', ({ t, s }) => `t=${t},v1=,v1=${s}`],
  ['a space behind the comma', ({ t, s }) => `t=${t}, v1=${s}`],
  ['a space before the comma', ({ t, s }) => `t=${t} ,v1=${s}`, { stricter: STRICT_TIME }],
  ['a space behind the equals sign of the signature', ({ t, s }) => `t=${t},v1= ${s}`],
  ['a space behind the equals sign of the time', ({ t, s }) => `t= ${t},v1=${s}`, { stricter: STRICT_TIME }],
  ['semicolons for commas', ({ t, s }) => `t=${t};v1=${s}`],
  ['names in capitals', ({ t, s }) => `T=${t},V1=${s}`],
  ['a signature in capitals', ({ t, s }) => `t=${t},v1=${s.toUpperCase()}`],
  ['a signature in Base64', ({ t, s }) => `t=${t},v1=${Buffer.from(s, 'hex').toString('base64')}`],
  ['a signature without its last digit', ({ t, s }) => `t=${t},v1=${s.slice(0, -1)}`],
  ['a signature with one digit more', ({ t, s }) => `t=${t},v1=${s}0`],
  ['a signature followed by an equals sign', ({ t, s }) => `t=${t},v1=${s}=0`, {
    stricter: 'the whole value is the signature; the official SDK leaves out what follows a second equals sign',
  }],
  ['the time twice', ({ t, s }) => `t=${t},t=${t},v1=${s}`, { stricter: ONE_TIME }],
  ['two times, of which the last was signed', ({ t, s }) => `t=${t - 1},t=${t},v1=${s}`, { stricter: ONE_TIME }],
  ['two times, of which the first was signed', ({ t, s }) => `t=${t},t=${t - 1},v1=${s}`],
  ['a time that is almost too old', at(-JUST_RIGHT)],
  ['a time that is too old', at(-TOO_OLD)],
  ['a time of last year', at(-365 * 86_400)],
  ['a time that is almost too far ahead', at(JUST_RIGHT)],
  ['a time that is too far ahead', at(TOO_OLD), { stricter: FUTURE }],
  ['a time in milliseconds', read((t) => t * 1000, (t) => t * 1000), { stricter: FUTURE }],
  ['a time beyond 64 bits', read(() => '1'.repeat(20), () => Number('1'.repeat(20))), { stricter: FUTURE }],
  ['a negative time', read(() => -1, () => -1)],
  ['a time that is a word', read(() => 'now', () => NaN), { stricter: STRICT_TIME }],
  ['a time with a fraction', read((t) => `${t}.5`, same), { stricter: STRICT_TIME }],
  ['a time with a sign', read((t) => `+${t}`, same), { stricter: STRICT_TIME }],
  ['a time with a leading zero', read((t) => `0${t}`, same), { stricter: STRICT_TIME }],
  ['a time with a leading zero that was signed', read((t) => `0${t}`, (t) => `0${t}`)],
  ['a comma at the end', ({ t, s }) => `t=${t},v1=${s},`, { stricter: MALFORMED }],
  ['a comma at the beginning', ({ t, s }) => `,t=${t},v1=${s}`, { stricter: MALFORMED }],
  ['an element without a value', ({ t, s }) => `t=${t},v1=${s},v0`, { stricter: MALFORMED }],
  ['another secret', ({ t, body }) => `t=${t},v1=${hex(`${t}.${body}`, OTHER)}`],
  ['the secret without its prefix', ({ t, body }) => `t=${t},v1=${hex(`${t}.${body}`, SECRET.slice(6))}`],
  ['another hash', ({ t, body }) => `t=${t},v1=${hex(`${t}.${body}`, SECRET, 'sha512')}`],
  ['a signature of the body without the time', ({ t, body }) => `t=${t},v1=${hex(body)}`],
  ['a body that was changed', ({ t, s }) => `t=${t},v1=${s}`, { body: (body) => body.replace('active', 'unpaid') }],
  ['a body with a newline more', ({ t, s }) => `t=${t},v1=${s}`, { body: (body) => `${body}\n` }],
  ['a body that was formatted', ({ t, s }) => `t=${t},v1=${s}`, {
    body: (body) => JSON.stringify(JSON.parse(body), null, 2),
  }],
  ['an empty body that was signed', ({ t }) => `t=${t},v1=${hex(`${t}.`)}`, { body: () => '' }],
  ['an empty header', () => ''],
  ['no header', () => undefined],
  ['a NUL in the header', ({ t, s }) => `t=${t},v1=${s}\0`],
  ['a byte beyond ASCII in the header', ({ t, s }) => `t=${t},v1=${s.slice(0, -1)}é`],
  ['two headers', ({ t, s }) => [`t=${t},v1=${s}`, `t=${t},v1=${s}`], {
    stricter: 'a proxy that joins headers is not expected; one header has all signatures',
  }],
];

export function signed(t, body) {
  return { t, body, s: hex(`${t}.${body}`) };
}

function wrong(count) {
  return Array.from({ length: count }, (_, number) => `v1=${hex(String(number))}`).join(',');
}
