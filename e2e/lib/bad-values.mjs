// What people and attackers put into a field, by the kind of field: what is refused, with what is said, and what is
// text like any other.

const SCRIPT = '<script>alert(1)</script>';
const SQL = "'); DROP TABLE plans;--";
const BELL = 'ring\u0007ring';
const BACKWARDS = 'abc\u202edef';

/** Looks dangerous, and is a fine name or description. */
export const JUST_TEXT = [SCRIPT, SQL, '"><img src=x onerror=alert(2)>', '{{ 7 * 7 }}', '&lt;b&gt;'];

const text = (longest) => ({ 'too long': 'x'.repeat(longest + 1), 'a control character': BELL, backwards: BACKWARDS });
const everywhere = { 'a script': SCRIPT, SQL, 'a control character': BELL };

export const NAME = {
  says: /^(Enter a name\.|Use at most 100 characters in the name\.|Remove character \d+ from the name: it is U\+\w+\.)$/,
  values: { empty: '', blank: '   ', ...text(100) },
};
/** A name that may be left out. */
export const OPTIONAL_NAME = { ...NAME, values: text(100) };
export const DESCRIPTION = { says: /^(Use at most 500 characters in|Remove character \d+ from) the description/, values: text(500) };
const KEY = {
  says: /^(Enter a key\.$|Use at most 64 characters in the key\.$|Use only a–z, 0–9 and _ in the key)/,
  values: { empty: '', 'too long': 'k'.repeat(65), 'no key': 'Pro Plan!', ...everywhere },
};
export const PLAN_KEY = KEY;
export const FEATURE_KEY = KEY;
export const TRIAL_DAYS = {
  says: /^Enter a whole number of days from 0 to 730\.$/,
  values: { empty: '', 'too many': '731', 'too long': '9'.repeat(40), negative: '-1', part: '1.5', ...everywhere },
};
export const CHOICE = {
  says: /^Choose \w+ or \w+\.$/,
  values: { empty: '', 'too long': 'x'.repeat(300), unknown: 'neither', ...everywhere },
};
export const GATEWAY = { ...CHOICE, says: /gateway|^Choose/i };
/** An amount in a row that may stay empty. */
export const OPTIONAL_AMOUNT = {
  says: /^(Enter an? .*amount|Write the amount|Use at most \d decimals for|Stripe takes at most)/,
  values: {
    zero: '0', negative: '-1', 'a comma': '12,50', 'too many decimals': '12.505', 'too long': '9'.repeat(40),
    'more than Stripe takes': '1000000.00', ...everywhere,
  },
};
export const AMOUNT = { ...OPTIONAL_AMOUNT, values: { empty: '', ...OPTIONAL_AMOUNT.values } };
export const CURRENCY = {
  says: /^(Enter a currency that Stripe can charge, such as USD\.|Stripe cannot charge CLF\..*)$/,
  values: { empty: '', 'too short': 'US', 'too long': 'USDX', unknown: 'ZZZ', 'none of Stripe\'s': 'CLF', ...everywhere },
};
export const USER_ID = {
  says: /^Enter the id of a user: /,
  values: { empty: '', blank: '   ', 'too long': 'u'.repeat(129), 'two words': 'user one', ...everywhere },
};
export const OFFERED_PRICE = {
  says: /^Choose a price that is offered now\.$/,
  values: { empty: '', unknown: 'price_01kapzv5e8f6ws8j4kq1bdx0mg', ...everywhere },
};
export const SEATS = {
  says: /^Enter a number of seats from 1 to 100,?000\.$/,
  values: {
    empty: '', none: '0', 'too many': '100001', 'too long': '9'.repeat(40), negative: '-1', part: '1.5', ...everywhere,
  },
};
/** The address of a page that may be left out. */
export const OPTIONAL_PAGE = {
  says: /^(Enter the address of a page, such as|The app does not allow this address\.)/,
  values: {
    'no scheme': 'example.com', 'not encrypted': 'http://example.com/',
    'too long': `https://shop.example/${'a'.repeat(2000)}`,
    'of somebody else': 'https://evil.example/thanks', ...everywhere,
  },
};
export const ORIGINS = {
  says: /cannot be used|at most 50|origins/,
  values: {
    'no scheme': 'example.com', 'not encrypted': 'http://example.com', 'a path': 'https://example.com/back',
    'too long': `https://${'a'.repeat(300)}.com`, 'too many': manyOrigins(51),
    'a second bad line': 'https://a.example\nnope',
    ...everywhere,
  },
};

function manyOrigins(count) {
  return Array.from({ length: count }, (_, index) => `https://shop-${index}.example`).join('\n');
}
