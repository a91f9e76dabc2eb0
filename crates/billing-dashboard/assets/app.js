// Everything here is a convenience: each page works without it.
(() => {
  "use strict";

  const all = (selector) => [...document.querySelectorAll(selector)];

  // A live region only tells what changes in it after it is there.
  for (const said of all("[data-said]")) {
    const text = said.textContent;
    setTimeout(() => said.replaceChildren(text), 300);
  }

  const problem = document.querySelector(".problems");
  if (problem) problem.focus();

  // One click, one request. The server drops repeats anyway: a `submission` makes one thing.
  const enable = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "true";
    // Later: a button that is disabled now would not send its own value.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
    setTimeout(() => enable(form), 10000);
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach(enable));

  const asKey = (name) =>
    name
      .toLowerCase()
      .replace(/ı/g, "i")
      .normalize("NFKD")
      .replace(/[\u0300-\u036f]/g, "")
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "");
  for (const key of all("[data-suggest-from]")) {
    const name = document.getElementById(key.dataset.suggestFrom);
    let isSuggested = key.value === asKey(name.value);
    key.addEventListener("input", () => {
      isSuggested = key.value === "";
    });
    name.addEventListener("input", () => {
      if (isSuggested) key.value = asKey(name.value);
    });
  }

  for (const input of all("[data-uppercase]")) {
    input.addEventListener("input", () => {
      const { selectionStart, selectionEnd } = input;
      input.value = input.value.toUpperCase();
      input.setSelectionRange(selectionStart, selectionEnd);
    });
  }

  const status = document.querySelector("[data-copied]");
  const copying = (button, text, instead) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      status.textContent = "";
      try {
        await navigator.clipboard.writeText(await text());
        status.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(instead);
        status.textContent = "It could not be copied for you. The text is selected: copy it.";
      }
    });
  };
  const fetched = async (address) => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.statusText);
    return response.text();
  };
  for (const button of all("[data-copy]")) {
    copying(button, () => fetched(button.dataset.copy), document.querySelector(".prose"));
  }
  for (const button of all("[data-copy-block]")) {
    const code = button.closest("figure").querySelector("code");
    copying(button, () => code.textContent, code);
  }
})();
