// Search, the switch for all code, and what a keyboard needs. Pages are complete without it.
(() => {
  const one = (selector) => document.querySelector(selector);
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

  // --- search: the index is a script beside the page, loaded when somebody begins to search
  const sought = one("#sought"), found = one("#found"), told = one("#told");
  let entries = null;
  const load = () => new Promise((done) => {
    if (entries) return done();
    const script = document.createElement("script");
    script.src = "search.js";
    script.onload = () => {
      entries = window.SEARCHED.map(([href, page, heading, text]) =>
        ({ href, page, heading, text, head: plain(heading), all: plain(`${heading} ${page} ${text}`) }));
      done();
    };
    script.onerror = () => { entries = []; done(); };
    document.head.append(script);
  });
  // a word is found where one begins with it: "ward" is not in "towards"
  const begins = (text, word) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
      if (!at || !/[\p{L}\p{N}]/u.test(text[at - 1])) return true;
    return false;
  };
  // "families" finds "family", and "waits" "waiting"
  const stem = (word) => (word.length > 4 ? word.replace(/(ies|y|s|es)$/, "") : word);
  const around = (text, words) => {
    const word = words.map(stem).find((each) => plain(text).includes(each)) ?? "";
    const at = Math.max(0, plain(text).indexOf(word) - 50);
    return (at ? "…" : "") + text.slice(at, at + 150) + (at + 150 < text.length ? "…" : "");
  };
  const show = async () => {
    await load();
    const words = plain(sought.value).split(/\s+/).filter(Boolean);
    // all words, or else as many of them as some place has; first those in headings
    const scored = !words.length ? [] : entries.map((entry) => {
      const held = words.filter((word) => begins(entry.all, stem(word)));
      return { entry, held: held.length, rank: held.filter((word) => begins(entry.head, stem(word))).length };
    });
    const most = Math.max(1, ...scored.map((each) => each.held));
    const hits = scored.filter((each) => each.held === most)
      .sort((a, b) => b.rank - a.rank).slice(0, 20);
    found.replaceChildren(...hits.map(({ entry }) => {
      const link = document.createElement("a"), where = document.createElement("small");
      link.href = entry.href;
      link.append(entry.heading);
      where.append(`${entry.page}: ${around(entry.text, words)}`);
      link.append(where);
      return link;
    }));
    found.hidden = !hits.length;
    const some = hits.length && most < words.length ? `, with ${most} of ${words.length} words` : "";
    told.textContent = words.length ? `${hits.length} found${some}` : "";
    if (words.length && !hits.length) { found.textContent = "Nothing found."; found.hidden = false; }
  };
  sought.addEventListener("input", show);
  one(".search").addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("a")?.click();
  });
  // what was found covers the text, and goes when a reader goes on
  const leave = (to) => { if (!to?.closest(".search")) found.hidden = true; };
  document.addEventListener("click", (event) => leave(event.target));
  document.addEventListener("focusin", (event) => leave(event.target));

  // --- a definition belongs to its term for a screen reader, too, and stays within the page
  document.querySelectorAll(".term").forEach((term, n) => {
    const link = term.querySelector("a"), tip = term.querySelector("[role=tooltip]");
    tip.id = `tip-${n}`;
    link.setAttribute("aria-describedby", tip.id);
    ["mouseenter", "focusin"].forEach((come) => term.addEventListener(come, () => {
      tip.style.left = "0";
      const beyond = tip.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
      if (beyond > 0) tip.style.left = `${-beyond}px`;
    }));
  });

  // --- only what does scroll is stopped at by the Tab key
  const boxes = document.querySelectorAll("[role=group][tabindex]");
  const stops = () => boxes.forEach((box) => {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    box.tabIndex = scrolls ? 0 : -1;
  });
  addEventListener("resize", stops);
  document.addEventListener("toggle", stops, true);
  stops();

  // --- Escape closes what has opened
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    found.hidden = true;
    document.querySelectorAll(".term:is(:hover, :focus-within)").forEach((term) => term.classList.add("closed"));
  });
  document.querySelectorAll(".term").forEach((term) => ["mouseleave", "focusout"].forEach((left) =>
    term.addEventListener(left, () => term.classList.remove("closed"))));

  // --- all code at once
  const button = one(".all-code");
  button?.addEventListener("click", () => {
    const shown = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", shown);
    button.textContent = shown ? "Hide all code" : "Show all code";
    document.querySelectorAll("details.code").forEach((each) => { each.open = shown; });
  });

  // --- a link into what is folded opens it; on a narrow screen the contents begin folded
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.closest("details");
    if (fold) { fold.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
  const contents = one(".contents");
  if (contents && innerWidth < 1120) contents.open = false;

  // --- an anchor that is followed is copied, too
  document.querySelectorAll(".anchor").forEach((anchor) => anchor.addEventListener("click", () => {
    navigator.clipboard?.writeText(anchor.href).then(() => { told.textContent = "Link copied"; }, () => {});
  }));
})();
