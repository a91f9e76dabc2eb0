// Every page of the sandbox, in both themes and at three widths.

import { before, it } from 'node:test';

import { WithMouse } from './lib/people.mjs';
import { Gallery } from './lib/page-check.mjs';
import { buildSandboxWorld, SANDBOX_PAGES } from './lib/sandbox-page-catalog.mjs';
import { sandboxStage } from './lib/sandbox-stage.mjs';

sandboxStage('every page of the sandbox', (stage) => {
  let world, gallery;
  before(async () => {
    gallery = new Gallery('sandbox');
    world = await buildSandboxWorld(stage);
  });

  for (const [name, open] of Object.entries(SANDBOX_PAGES)) {
    it(`${name} can be read by everyone, fits the screen, and is light`, async (context) => {
      const visitor = await stage.visitor();
      await open(world, { visitor, person: new WithMouse(visitor.page) });
      await gallery.check(context, name, visitor);
    });
  }

  it('has a title of its own', () => {
    gallery.assertTitlesDiffer();
  });
});
