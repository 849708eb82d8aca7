"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.getElementById("theme").addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });

  // Cells with a number are sorted by it, others by their words; what has no number where others do comes last.
  const compare = (a, b, sign) => {
    const [x, y] = [a.dataset.v, b.dataset.v];
    if (x !== undefined && y !== undefined) return sign * (Number(x) - Number(y));
    if (x !== undefined || y !== undefined) return x === undefined ? 1 : -1;
    return sign * a.textContent.localeCompare(b.textContent, "en", { numeric: true });
  };
  for (const head of document.querySelectorAll("table.sortable thead th")) {
    head.firstElementChild.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const goesDown = before ? before === "ascending" : head.className === "number"; // large numbers come first
      for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", goesDown ? "descending" : "ascending");
      const body = head.closest("table").tBodies[0];
      const rows = [...body.rows].sort((a, b) => compare(a.cells[head.cellIndex], b.cells[head.cellIndex], goesDown ? -1 : 1));
      body.append(...rows);
    });
  }

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
})();
