// How people use a page: with a mouse, or with the keyboard alone. Both have the same verbs.

import assert from 'node:assert/strict';

const MOST_STOPS = 80;

/** Waits until the page that follows is there. */
async function arriving(page, act) {
  const [, done] = await Promise.all([page.waitForEvent('load'), act()]);
  return done;
}

class Person {
  constructor(page) {
    this.page = page;
  }

  link(name, within) {
    const place = within ? this.page.getByRole('navigation', { name: within, exact: true }) : this.page;
    return place.getByRole('link', { name, exact: true });
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }

  summary(name) {
    return this.page.locator('summary').filter({ hasText: new RegExp(`^${name}$`) });
  }

  /** On a narrow screen the navigation is behind a button. */
  async navigate(name) {
    const menu = this.button('Menu');
    if (await menu.isVisible()) {
      await this.open(menu);
      await this.page.getByRole('navigation', { name: 'Main' }).waitFor();
    }
    await this.follow(name, 'Main');
  }

  async unfold(name) {
    await this.open(this.summary(name));
  }
}

export class WithMouse extends Person {
  async follow(name, within) {
    await arriving(this.page, () => this.link(name, within).click());
  }

  async press(name) {
    await arriving(this.page, () => this.button(name).click());
  }

  async open(control) {
    await control.click();
  }

  async type(label, text) {
    await this.field(label).fill(text);
  }

  async choose(label, option) {
    await this.field(label).selectOption({ label: option });
  }

  async pick(label) {
    await this.page.getByRole('radio', { name: label }).check();
  }
}

/** Tab, Shift+Tab, Enter, arrows and typing. Wherever the focus stops, it must be seen. */
export class WithKeyboard extends Person {
  async follow(name, within) {
    await this.#goTo(this.link(name, within));
    await arriving(this.page, () => this.page.keyboard.press('Enter'));
  }

  async press(name) {
    await this.#goTo(this.button(name));
    await arriving(this.page, () => this.page.keyboard.press('Space'));
  }

  async open(control) {
    await this.#goTo(control);
    await this.page.keyboard.press('Enter');
  }

  /** What was in the field is replaced. Tab selects it; a field that is focused as the page opens is not selected. */
  async type(label, text) {
    await this.#goTo(this.field(label));
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.type(text);
  }

  async choose(label, option) {
    const select = this.field(label);
    await this.#goTo(select);
    const labels = await select.locator('option').allTextContents();
    const chosen = () => select.evaluate((element) => element.selectedIndex);
    const key = labels.indexOf(option) < (await chosen()) ? 'ArrowUp' : 'ArrowDown';
    while ((await chosen()) !== labels.indexOf(option)) await this.page.keyboard.press(key);
  }

  /** For the first of the radio buttons, where Tab stops. */
  async pick(label) {
    await this.#goTo(this.page.getByRole('radio', { name: label }));
    await this.page.keyboard.press('Space');
  }

  async #goTo(target) {
    await target.waitFor();
    const key = await target.evaluate(stepTowards);
    const stops = [];
    while (!(await target.evaluate((element) => element === document.activeElement))) {
      assert.ok(stops.length < MOST_STOPS, `${key} never reaches ${target}; it stops at ${stops.join(', ')}`);
      await this.page.keyboard.press(key);
      const stop = await this.page.evaluate(focusedElement);
      assert.ok(stop.isSeen, `the focus cannot be seen on ${stop.what} of ${this.page.url()}`);
      stops.push(stop.what);
    }
  }
}

function stepTowards(target) {
  const from = document.activeElement ?? document.body;
  const isBefore = from.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING;
  return isBefore && !from.contains(target) ? 'Shift+Tab' : 'Tab';
}

/** What has the focus, and whether it looks otherwise than without it: it, the row it covers or the card around it. */
function focusedElement() {
  const element = document.activeElement;
  const around = [[element], [element, '::after'], [element.closest('label')]].filter(([part]) => part);
  const look = () => around.map((part) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(...part);
    const hasOutline = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && !outlineColor.endsWith(', 0)');
    return JSON.stringify([hasOutline, boxShadow]);
  });
  const focused = look();
  element.blur();
  const plain = look();
  element.focus({ preventScroll: true });
  const what = `${element.localName} “${(element.innerText || element.id || '').trim().slice(0, 40)}”`;
  return { what, isSeen: element === document.body || focused.some((part, index) => part !== plain[index]) };
}
