"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.getElementById("theme").addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });

  // Cells with a number are sorted by it, others by their words; what has no number where others do comes last.
  const collator = new Intl.Collator("en", { numeric: true });
  const compare = (a, b, sign) => {
    const [x, y] = [a.dataset.v, b.dataset.v];
    if (x !== undefined && y !== undefined) return sign * (Number(x) - Number(y));
    if (x !== undefined || y !== undefined) return x === undefined ? 1 : -1;
    return sign * collator.compare(a.textContent, b.textContent);
  };
  const sortBy = (head) => {
    const before = head.getAttribute("aria-sort");
    const goesDown = before ? before === "ascending" : head.className === "number"; // large numbers come first
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", goesDown ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const rows = [...body.rows].sort((a, b) => compare(a.cells[head.cellIndex], b.cells[head.cellIndex], goesDown ? -1 : 1));
    body.append(...rows);
  };
  document.addEventListener("click", (event) => {
    const head = event.target.closest?.("table.sortable thead th");
    if (head) sortBy(head);
  });

  // Of several variants one is shown; printed, all are, and bills are unfolded.
  const choices = [...document.querySelectorAll("[data-shows]")];
  const choose = (chosen) => {
    for (const one of choices) {
      one.setAttribute("aria-pressed", String(one === chosen));
      document.getElementById(one.dataset.shows).hidden = one !== chosen;
    }
  };
  for (const one of choices) one.addEventListener("click", () => choose(one));
  if (choices.length) choose(choices[0]);
  const unfold = () => {
    for (const one of document.querySelectorAll("details.printed:not([open])")) {
      one.open = true;
      addEventListener("afterprint", () => (one.open = false), { once: true });
    }
  };
  addEventListener("beforeprint", unfold);

  // Whoever points at a bay sees its share of the load, and the other way round.
  const light = (event) => {
    const section = event.target.closest?.("section");
    const marked = event.target.closest?.("[data-row]");
    for (const other of document.querySelectorAll(".lit-one")) if (other !== section) other.classList.remove("lit-one");
    if (!section) return;
    section.classList.toggle("lit-one", Boolean(marked));
    if (!marked) return;
    for (const one of section.querySelectorAll("[data-row]")) one.classList.toggle("lit", one.dataset.row === marked.dataset.row);
  };
  document.addEventListener("pointerover", light);

  // The days of most stations of a large network are packed: zlib, base64, many to an element.
  let kept = {};
  const unpacked = async (id, days) => {
    const number = id.replace("day-", "");
    const chunk = [...days.querySelectorAll("[data-days]")].find((one) => one.dataset.days.split(" ").includes(number));
    if (chunk !== kept.chunk) {
      const bytes = Uint8Array.from(atob(chunk.textContent), (one) => one.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
      const box = document.createElement("template");
      box.innerHTML = await new Response(stream).text();
      kept = { chunk, box };
    }
    const day = kept.box.content.getElementById(id).closest(".day").cloneNode(true);
    day.classList.add("unpacked");
    days.append(day);
    return day;
  };

  // The list of stations: find one, leave rows out, step through, see one day at a time below.
  const stations = (list) => {
    const [finder, field, found] = [".finder", ".find-field", ".found"].map((one) => list.querySelector(one));
    const [box, days, steps] = [".scroll", ".days", ".steps"].map((one) => list.querySelector(one));
    const body = box.querySelector("tbody");
    const plain = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const names = new Map([...body.rows].map((row) => [row, plain(row.cells[0].textContent)]));
    const handle = (row) => row.querySelector("a") ?? row.cells[0];
    const shown = () => [...body.rows].filter((row) => !row.hidden);
    const isOpen = () => days.classList.contains("open");
    let [at, only, turn] = [null, "", 0];

    const goTo = (row, isFocused) => {
      if (at) handle(at).tabIndex = -1;
      at = row;
      if (!row) return;
      handle(row).tabIndex = 0;
      if (isFocused) handle(row).focus();
    };
    const leaveOut = () => {
      const words = plain(field.value).split(/\s+/).filter(Boolean);
      for (const [row, name] of names) {
        const isWanted = !only || (row.dataset.is ?? "").split(" ").includes(only);
        row.hidden = !(isWanted && words.every((word) => name.includes(word)));
      }
      const count = shown().length;
      const of = names.size.toLocaleString("en");
      found.textContent = count ? `${count.toLocaleString("en")} of ${of} stations` : `None of ${of} stations: empty the field, or choose All`;
      if (!at || at.hidden) goTo(shown()[0] ?? null, false);
    };
    // On a phone the day covers everything else, which nobody can reach meanwhile.
    const cover = () => {
      const covers = isOpen() && getComputedStyle(days).position === "fixed";
      root.classList.toggle("covered", covers);
      for (const one of [...document.querySelectorAll("main > *, .theme"), ...list.parentElement.children, ...list.children]) {
        if (!one.contains(days)) one.inert = covers;
      }
      return covers;
    };
    const close = () => {
      turn += 1;
      for (const one of days.querySelectorAll(".chosen")) one.classList.remove("chosen");
      for (const one of days.querySelectorAll(".unpacked")) one.remove();
      body.querySelector("[aria-current]")?.removeAttribute("aria-current");
      days.classList.remove("open");
      steps.hidden = true;
    };
    const open = async (row) => {
      const link = row.querySelector("a");
      if (!link) return;
      const [id, mine] = [link.hash.slice(1), ++turn];
      const day = document.getElementById(id)?.closest(".day") ?? (await unpacked(id, days));
      if (mine !== turn) return day.classList.contains("unpacked") && day.remove();
      close();
      if (!day.isConnected) days.append(day);
      day.classList.add("chosen");
      day.open = true;
      link.setAttribute("aria-current", "true");
      days.classList.add("open");
      steps.hidden = false;
      history.replaceState(null, "", `#${id}`);
      if (cover()) {
        days.scrollTop = 0;
        if (!days.contains(document.activeElement)) steps.lastElementChild.focus();
      } else if (days.getBoundingClientRect().top > 0.6 * innerHeight) box.scrollIntoView({ block: "start" });
    };
    const tryToOpen = (row) =>
      open(row).catch(() => (found.textContent = "This browser cannot unpack the day: swapcharge report RUN --station ID draws it"));
    const shut = () => {
      close();
      cover();
      history.replaceState(null, "", location.pathname + location.search);
      if (at) handle(at).focus();
    };
    const step = (by) => {
      const rows = shown();
      const place = rows.indexOf(at);
      const next = isOpen() || document.activeElement === handle(at ?? rows[0]) ? place + by : Math.max(0, place);
      const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
      if (!row) return;
      goTo(row, !root.classList.contains("covered"));
      if (isOpen()) tryToOpen(row);
    };

    list.classList.add("scripted");
    finder.hidden = false;
    for (const row of body.rows) handle(row).tabIndex = -1;
    leaveOut();
    field.addEventListener("input", leaveOut);
    finder.addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-only]");
      if (!chosen) return;
      only = chosen.dataset.only;
      for (const one of finder.querySelectorAll("[data-only]")) one.setAttribute("aria-pressed", String(one === chosen));
      leaveOut();
    });
    body.addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (event.target.closest("a")) event.preventDefault();
      else if (getSelection().toString()) return; // somebody copies from the row
      goTo(row, true);
      tryToOpen(row);
    });
    const acts = { previous: () => step(-1), next: () => step(1), close: shut };
    steps.addEventListener("click", (event) => acts[event.target.dataset.step]?.());
    const keys = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    const pressed = (key, inField, inList) => {
      if (key in keys && (inField || inList || key.length === 1)) return step(keys[key]), true;
      if (key === "/") return field.focus(), field.select(), true;
      if (key === "Enter" && inField && at) return goTo(at, true), tryToOpen(at), true;
      if (key !== "Escape" || (!isOpen() && !field.value)) return false;
      if (isOpen() && !(inField && field.value)) shut();
      else [field.value] = [""], leaveOut();
      return true;
    };
    document.addEventListener("keydown", (event) => {
      const inField = event.target === field;
      if (event.ctrlKey || event.altKey || event.metaKey || (inField && event.key.length === 1)) return;
      if (pressed(event.key, inField, body.contains(event.target))) event.preventDefault();
    });
    addEventListener("resize", cover);
    const asked = () => {
      const row = [...body.rows].find((one) => location.hash && one.querySelector("a")?.hash === location.hash);
      if (row) goTo(row, false), tryToOpen(row);
    };
    addEventListener("hashchange", asked);
    asked();
  };
  for (const list of document.querySelectorAll(".stations")) stations(list);
})();
