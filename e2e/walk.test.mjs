// The documentation's walk from the empty state to the empty state, in a real browser.

import { before, describe, it } from 'node:test';

import { WithKeyboard, WithMouse } from './lib/people.mjs';
import { assertStored, begin, STORY } from './lib/story.mjs';
import { onEachDatabase, stepByStep, suite } from './lib/suite.mjs';

const PHONE = { width: 390, height: 844 };
const WAYS = [
  { way: 'with a mouse', Person: WithMouse },
  { way: 'without JavaScript', Person: WithMouse, options: { javaScriptEnabled: false } },
  { way: 'with the keyboard alone', Person: WithKeyboard },
];

suite('the walk through billing', (stage) => {
  onEachDatabase(stage, (start) => {
    for (const way of WAYS) walks(start, way);
  });
  walks(() => stage.onSqlite(), {
    way: 'with the keyboard alone on the screen of a phone', Person: WithKeyboard, options: { viewport: PHONE },
  });

  function walks(start, { way, Person, options }) {
    describe(way, () => {
      let service, visitor, person;
      const inOrder = stepByStep();
      before(async () => {
        service = await start();
        visitor = await stage.visitor(service, options);
        person = new Person(visitor.page);
        await begin(visitor);
      });

      for (const step of STORY) {
        it(`a newcomer ${step.title}`, inOrder(async () => {
          await step.act(person);
          const api = await service.api();
          assertStored(await api.state(), step);
          visitor.assertNothingOdd();
        }));
      }
    });
  }
});
