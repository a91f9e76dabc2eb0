// Typing anything into a form, even what its fields would not take, and reading what is said about it.

import { unfold } from './forms.mjs';

/** Puts values into the form with this button and sends it; tells the status of the answer. */
export async function submitTyped(page, buttonName, values) {
  await unfold(page);
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  const send = typeInto(page, buttonName, values).then((button) => button.evaluate((element) => element.click()));
  const [response] = await Promise.all([answered, page.waitForEvent('load'), send]);
  return response.status();
}

/** Puts values into the form with this button, and gives the button. */
export async function typeInto(page, buttonName, values) {
  const button = buttonOf(page, buttonName);
  await button.evaluate(typeAnything, values);
  return button;
}

/** What the page says about a field of this form, and which of the values are not as they were typed. */
export function whatIsSaid(page, buttonName, field, typed) {
  return buttonOf(page, buttonName).evaluate(readForm, { field, typed });
}

/** The names of what can be typed or chosen in the form with this button; of numbered rows, without the number. */
export function fieldsOf(page, buttonName) {
  return buttonOf(page, buttonName).evaluate(({ form }) => {
    const isTypedIn = ({ localName, type }) => localName !== 'button' && !['hidden', 'checkbox'].includes(type);
    const names = [...form.elements].filter((field) => field.name && isTypedIn(field)).map(({ name }) => name);
    return [...new Set(names.map((name) => name.replace(/_\d+$/, '')))].sort();
  });
}

function buttonOf(page, name) {
  return page.locator('main').getByRole('button', { name, exact: true });
}

function typeAnything(button, values) {
  const { form } = button;
  for (const [name, value] of Object.entries(values)) {
    const fields = [...form.querySelectorAll(`[name="${name}"]`)];
    if (fields.length === 0) throw new Error(`the form has no field ${name}`);
    const [field] = fields;
    if (field.type === 'radio') {
      const choice = fields.find((radio) => radio.value === value) ?? field;
      for (const radio of fields) radio.checked = false;
      choice.disabled = false;
      choice.value = value;
      choice.checked = value !== '';
    } else if (field.localName === 'select') {
      if (![...field.options].some((option) => option.value === value)) field.add(new Option(value, value));
      field.value = value;
    } else {
      if (field.localName === 'input') field.type = 'text';
      field.removeAttribute('maxlength');
      field.value = value;
    }
  }
}

function readForm(button, { field, typed }) {
  const { form } = button;
  const text = (element) => element?.innerText.replace(/\s+/g, ' ').trim();
  const message = form.querySelector(`#${field}-error`);
  const target = form.querySelector(`#${field}`);
  const group = target?.closest('fieldset[role=radiogroup]');
  const marked = [target, target?.type === 'radio' || target === group ? group : null].filter(Boolean);
  const link = document.querySelector(`.problems[role=alert] a[href="#${field}"]`);
  return {
    summary: text(document.querySelector('.problems[role=alert] h2')),
    beside: text(message)?.replace(/^Error: /, ''),
    isInvalid: marked.some((element) => element.getAttribute('aria-invalid') === 'true'),
    isDescribed: marked.some((element) => describedBy(element).includes(`${field}-error`)),
    isShown: target?.checkVisibility() ?? false,
    linksToField: link !== null && target !== null,
    hasFocus: document.activeElement === document.querySelector('.problems'),
    changed: Object.keys(typed).filter((name) => !isKept(form, name, typed[name])),
  };

  function describedBy(element) {
    return (element.getAttribute('aria-describedby') ?? '').split(/\s+/);
  }

  function isKept(of, name, value) {
    const fields = [...of.querySelectorAll(`[name="${name}"]`)];
    const [first] = fields;
    if (first.type === 'radio') {
      const isKnown = fields.some((radio) => radio.value === value);
      return !isKnown || fields.find((radio) => radio.checked)?.value === value;
    }
    if (first.localName === 'select') {
      return ![...first.options].some((option) => option.value === value) || first.value === value;
    }
    // A field for numbers does not show what is none, and still has it.
    return (first.type === 'number' ? first.getAttribute('value') : first.value) === value;
  }
}
