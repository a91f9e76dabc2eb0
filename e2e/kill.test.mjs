// kill -9 at any moment: what is stored afterwards is what was before or what was asked for, never between.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { CHANGES } from './lib/changes.mjs';
import { filledForm, openForm } from './lib/forms.mjs';
import { WithMouse } from './lib/people.mjs';
import { seeded } from './lib/random.mjs';
import { assertStored, begin, PRO_PRICES, STORY } from './lib/story.mjs';
import { onEachDatabase, stepByStep, suite } from './lib/suite.mjs';
import { typeInto } from './lib/typed-form.mjs';
import { assertWhole } from './lib/whole.mjs';

const KILLS = 4;
/** From the moment the form is sent, where the kills are closest, to this many times the time an answer takes. */
const LATEST_KILL = 1.2;

suite('kill -9', (stage) => {
  onEachDatabase(stage, (start) => {
    describe('between any two clicks of the walk', () => {
      let service, visitor, person;
      const inOrder = stepByStep();
      before(async () => {
        service = await start();
        visitor = await stage.visitor(service);
        person = new WithMouse(visitor.page);
        await begin(visitor);
      });

      for (const step of STORY) {
        it(`changes nothing after somebody ${step.title}`, inOrder(async () => {
          await step.act(person);
          const api = await service.api();
          const stored = await api.state();

          await service.restart();

          const restored = await api.state();
          assert.deepEqual(restored, stored);
          assertStored(restored, step);
        }));
      }
    });

    describe('while a form is on its way', () => {
      let service, visitor;
      before(async () => {
        service = await start();
        visitor = await stage.signedIn(service);
      });

      CHANGES.forEach((change, seed) => {
        it(`“${change.button}” is done or not done, and can be sent again`, async (context) => {
          const chance = seeded(seed);
          const took = await timeOf(change, visitor);
          const outcomes = [];
          for (let turn = 1; turn <= KILLS; turn += 1) {
            const delay = took * LATEST_KILL * ((turn - 1 + chance()) / KILLS) ** 2;
            const isDone = await killDuring(change, turn, visitor, delay);
            outcomes.push(`${delay.toFixed(1)} ms: ${isDone ? 'done' : 'not done'}`);
          }
          context.diagnostic(`an answer takes ${took.toFixed(1)} ms; killed after ${outcomes.join(', ')}`);
        });
      });
    });
  });
});

/** How long the form takes when nobody is killed. */
async function timeOf(change, visitor) {
  const api = await visitor.service.api();
  const { button, isDone } = await prepareForm(change, 0, visitor, api);
  const isShown = visitor.page.waitForEvent('load');
  const isAnswered = visitor.page.waitForResponse(isPosted).then(() => performance.now());
  const ago = await submit(visitor.page, button);
  const sent = performance.now() + ago;
  const took = (await isAnswered) - sent;
  await isShown;
  assert.ok(isDone(await api.state()), `“${change.button}” does nothing on ${visitor.page.url()}`);
  return took;
}

/** Sends the form in the browser, kills the process this many milliseconds later, and tells whether it was done. */
async function killDuring(change, turn, visitor, delay) {
  const { service } = visitor;
  const api = await service.api();
  const { button, form, isDone } = await prepareForm(change, turn, visitor, api);
  const stored = await api.state();
  const answers = [];
  const isOver = isLoadedOrCut(visitor.page);
  visitor.page.on('response', (response) => isPosted(response) && answers.push(response.status()));

  busyFor(delay + (await submit(visitor.page, button)));
  await service.kill();
  // A browser that finds its connection cut sends the form again by itself. Now nobody is there to take it.
  await isOver;
  await service.resume();

  const restored = await api.state();
  const wasDone = isDone(restored);
  if (!wasDone) {
    assert.deepEqual(restored, stored, 'it is not done, so nothing at all was done');
    assert.deepEqual(answers, [], 'it is not done, so nobody was told that it is');
  }
  assertWhole(restored);
  assertPlansWhole(restored);

  const { status, html } = await form.send(visitor);
  const final = await api.state();
  assert.ok(isDone(final), `sent again it is not done either; the answer is ${status}\n${html}`);
  if (wasDone) assert.deepEqual(final, restored, 'it was done, so sending it again changes nothing');
  assertWhole(final);
  assertPlansWhole(final);
  return wasDone;
}

/** A page whose text was cut in the middle is never loaded: its request fails after it was shown. */
function isLoadedOrCut(page) {
  const isCut = (request) => request.isNavigationRequest() && request.method() === 'GET';
  return Promise.race([page.waitForEvent('load'), page.waitForEvent('requestfailed', isCut)]);
}

async function prepareForm(change, turn, visitor, api) {
  const { values, isDone, ...form } = await change.prepare(api, turn);
  await openForm(visitor, form);
  const button = await typeInto(visitor.page, change.button, values);
  return { button, isDone, form: await filledForm(visitor.page, change.button) };
}

/** Sends the form, once the request is out; tells how long ago that was already, as a negative time. */
async function submit(page, button) {
  const isSent = page.waitForRequest((request) => request.method() === 'POST').then(() => performance.now());
  await button.evaluate((element) => setTimeout(() => element.form.requestSubmit(element)));
  return (await isSent) - performance.now();
}

function isPosted(response) {
  return response.request().method() === 'POST';
}

function assertPlansWhole(state) {
  for (const plan of [...(state.plans ?? []), ...(state.archived ?? [])]) {
    assert.ok(plan.prices.length >= PRO_PRICES.length, `a plan has only ${plan.prices.length} of its prices`);
    assert.equal(plan.trialDays, 14);
  }
}

/** Shorter than any timer can be trusted with. */
function busyFor(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
