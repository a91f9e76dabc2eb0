// Holds answers against the types that Stripe publishes in its npm package, with the TypeScript compiler.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

import { Literals } from './sandbox-literals.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
const file = join(folder, 'answers.ts');
const OPEN_ENUMS = 'export type OtherString = string & Record<never, never>;';
const MISSING = /Property '([^']+)' is missing|missing the following properties.*?: ([^:]+)$/;
const CLOSED_ENUMS = 'export type OtherString = never;';

/** As `tsc --strict --noEmit --skipLibCheck`. */
const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  exactOptionalPropertyTypes: false,
  noErrorTruncation: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
};

/**
 * What the compiler has against the answers, one complaint for each field of each class, and the values of `object`
 * among them. Stripe's types let every enum take any string ("open enums"); here they do not, so an invented status
 * is found.
 */
export function complaintsOfTypes(answers) {
  const literals = new Literals();
  for (const answer of answers) literals.answer(answer);
  const complaints = new Map();
  for (const diagnostic of diagnosticsOf(literals.text)) {
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
    const place = literals.places[line];
    const message = readable(diagnostic.messageText);
    if (!place) throw new Error(`TypeScript refuses the frame of the literals: ${message}`);
    const field = `${place.owner} ${place.field.replaceAll(/\b\d+\b/g, '#')}`;
    const key = `${field} ${message}`;
    const at = place.path ? `at ${place.path}` : '';
    complaints.set(key, complaints.get(key) ?? `${field}: ${message}\n    ${place.request} ${at}`);
  }
  return { complaints: [...new Set(literals.unknown), ...complaints.values()].sort(), seen: literals.seen };
}

function diagnosticsOf(text) {
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name === file || exists(name);
  host.readFile = (name) => (name === file ? text : withClosedEnums(name, read(name)));
  host.getSourceFile = (name, version) => {
    const content = host.readFile(name);
    return content === undefined ? undefined : ts.createSourceFile(name, content, version);
  };
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
}

function withClosedEnums(name, content) {
  if (!name.endsWith('/stripe/esm/shared.d.ts')) return content;
  if (!content.includes(OPEN_ENUMS)) throw new Error(`${name} opens its enums in another way now`);
  return content.replace(OPEN_ENUMS, CLOSED_ENUMS);
}

/** The innermost reason, without the whole types that the compiler quotes. */
function readable(message) {
  const reasons = ts.flattenDiagnosticMessageText(message, '\n').split('\n');
  const missing = reasons.map((reason) => MISSING.exec(reason));
  const found = missing.findLast(Boolean);
  if (found) return `lacks ${found[1] ?? found[2]}`;
  const last = reasons.at(-1).trim().replaceAll(/\{ [^{}]*(\{[^{}]*\}[^{}]*)* \}/g, '{…}');
  return last.length > 400 ? `${last.slice(0, 400)}…` : last;
}
