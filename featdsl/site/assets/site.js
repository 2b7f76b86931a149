// Search in the bar, filters on the index, copying of code. Pages are whole without it.
"use strict";

(() => {
  const root = document.documentElement.dataset.root || "";
  const MOST = 12;
  const KIND = 0, NAME = 1, FULL = 2, URL = 3, SUMMARY = 4, OWNER = 5, TAGS = 6, ENTITY = 7, WORDS = 8;
  const entries = typeof FEATC_SEARCH === "undefined" ? [] : FEATC_SEARCH.entries;
  const lower = entries.map((entry) => ({
    name: entry[NAME].toLowerCase(),
    full: entry[FULL].toLowerCase(),
    labels: (entry[OWNER] + " " + entry[TAGS].join(" ") + " " + entry[ENTITY]).toLowerCase(),
    words: (entry[SUMMARY] + " " + entry[WORDS]).toLowerCase(),
  }));

  // Letters in order, "prtxsh" for premium_txn_share.
  const scattered = (word, text) => {
    let from = 0;
    for (const letter of word) {
      from = text.indexOf(letter, from) + 1;
      if (from === 0) return false;
    }
    return true;
  };

  const scoreWord = (word, text) => {
    if (text.name === word) return 100;
    if (text.name.startsWith(word)) return 60;
    if (text.name.includes("_" + word)) return 45;
    if (text.name.includes(word)) return 40;
    if (text.full.includes(word)) return 30;
    if (text.labels.includes(word)) return 20;
    if (text.words.includes(word)) return 10;
    if (word.length > 3 && scattered(word, text.name)) return 4;
    return 0;
  };

  // Every word must be found; 0 is not found.
  const score = (words, text) => {
    let total = 0;
    for (const word of words) {
      const found = scoreWord(word, text);
      if (found === 0) return 0;
      total += found;
    }
    return total;
  };

  const split = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  // Features of different groups may share a name.
  const where = (entry) => entry[KIND] === "feature"
    ? entry[FULL].split(".").slice(-2, -1) + " · feature"
    : entry[KIND];

  const node = (tag, text, name) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (name) made.className = name;
    return made;
  };

  const startSearch = () => {
    const input = document.getElementById("search");
    const list = document.getElementById("results");
    input.parentElement.hidden = false;
    let hits = [];
    let chosen = -1;

    const choose = (i) => {
      chosen = i;
      [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === i)));
      const item = list.children[i];
      if (item) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };

    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      choose(-1);
    };

    const go = (i) => { window.location.href = root + entries[hits[i]][URL]; };

    const show = () => {
      const words = split(input.value);
      if (words.length === 0) { close(); return; }
      const found = lower.map((text, i) => [score(words, text), i]).filter(([points]) => points > 0);
      found.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
      hits = found.slice(0, MOST).map(([, i]) => i);
      list.replaceChildren(...hits.map((i, n) => {
        const entry = entries[i];
        const item = node("li");
        item.id = "hit-" + n;
        item.setAttribute("role", "option");
        const head = node("div", "", "hit");
        head.append(node("code", entry[NAME]), node("span", where(entry)));
        item.append(head, node("p", entry[SUMMARY]));
        item.addEventListener("mousedown", (event) => { event.preventDefault(); go(n); });
        item.addEventListener("mousemove", () => { if (chosen !== n) choose(n); });
        return item;
      }));
      if (hits.length === 0) list.append(node("p", "Nothing found", "none"));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      choose(hits.length ? 0 : -1);
    };

    input.addEventListener("input", show);
    input.addEventListener("focus", show);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && hits.length) { choose((chosen + 1) % hits.length); event.preventDefault(); }
      else if (event.key === "ArrowUp" && hits.length) { choose((chosen + hits.length - 1) % hits.length); event.preventDefault(); }
      else if (event.key === "Enter" && chosen >= 0) { go(chosen); event.preventDefault(); }
      else if (event.key === "Escape") { input.value = ""; close(); input.blur(); }
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { input.focus(); event.preventDefault(); }
    });
  };

  const startFilters = (box) => {
    box.hidden = false;
    const control = (name) => box.querySelector('[data-filter="' + name + '"]');
    const text = control("text"), entity = control("entity"), owner = control("owner");
    const tag = control("tag"), count = control("count");
    const rows = [...document.querySelectorAll("[data-entry]")].map((row) => [row, Number(row.dataset.entry)]);

    const apply = () => {
      const words = split(text.value);
      let shown = 0;
      for (const [row, i] of rows) {
        const entry = entries[i];
        const fits = (!entity.value || entry[ENTITY] === entity.value)
          && (!owner.value || entry[OWNER] === owner.value)
          && (!tag.value || entry[TAGS].includes(tag.value))
          && (words.length === 0 || score(words, lower[i]) > 0);
        row.hidden = !fits;
        if (fits) shown += 1;
      }
      // A row whose features are all hidden goes too, and so does a group.
      for (const part of document.querySelectorAll(".features > li, .group")) {
        part.hidden = part.querySelector("[data-entry]") !== null
          && part.querySelector("[data-entry]:not([hidden])") === null;
      }
      count.textContent = shown === rows.length ? "" : shown + " of " + rows.length + " features";
    };

    const fromAddress = () => {
      const wanted = new URLSearchParams(window.location.hash.slice(1));
      let any = false;
      for (const [name, select] of [["entity", entity], ["owner", owner], ["tag", tag]]) {
        if (wanted.has(name)) { select.value = wanted.get(name); any = true; }
      }
      if (any) { apply(); document.getElementById("features").scrollIntoView(); }
    };

    for (const each of [text, entity, owner, tag]) each.addEventListener("input", apply);
    window.addEventListener("hashchange", fromAddress);
    apply();
    fromAddress();
  };

  const startCopying = () => {
    if (!navigator.clipboard) return;
    for (const block of document.querySelectorAll(".code")) {
      const button = node("button", "Copy", "copy");
      button.type = "button";
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(block.querySelector("code").textContent).then(() => {
          button.textContent = "Copied";
          window.setTimeout(() => { button.textContent = "Copy"; }, 1500);
        }, () => { button.textContent = "Not allowed"; });
      });
      block.append(button);
    }
  };

  // A run that is linked to opens.
  const openTarget = () => {
    const target = window.location.hash && document.getElementById(window.location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };

  startSearch();
  const filters = document.getElementById("filters");
  if (filters) startFilters(filters);
  startCopying();
  openTarget();
  window.addEventListener("hashchange", openTarget);
})();
