"use strict";
// A number's link opens its source in a box; without script the link simply leads there.
(() => {
  const box = document.getElementById("evidence-box");
  const body = box && box.querySelector("div");
  if (!box || !box.showModal) return;
  const copy = (item, now) => {
    const clone = item.cloneNode(true);
    clone.removeAttribute("id");
    for (const part of clone.querySelectorAll("mark,[data-f]"))
      if ((part.dataset.f || part.id.slice(2)).split(" ").some((id) => now.has(id))) part.classList.add("now");
    for (const part of clone.querySelectorAll("[id]")) part.removeAttribute("id");
    const title = item.parentElement.previousElementSibling;
    if (clone.querySelector("blockquote") && title && title.matches("h3")) {
      const where = document.createElement("p");
      where.className = "document";
      where.textContent = title.textContent;
      clone.prepend(where);
    }
    return clone;
  };
  const open = (target) => {
    const own = target.closest("li");
    const wanted = own.dataset.facts !== undefined ? own.dataset.facts.split(" ").filter(Boolean) : [target.id.slice(2)];
    const now = new Set(wanted);
    const items = own.dataset.facts !== undefined ? [own] : [];
    for (const id of wanted) {
      const mark = document.getElementById("f-" + id);
      const item = mark && mark.closest(".evidence > li");
      if (item && !items.includes(item)) items.push(item);
    }
    const list = document.createElement("ol");
    list.className = "evidence computed";
    list.append(...items.map((item) => copy(item, now)));
    body.replaceChildren(list);
    if (!box.open) box.showModal();
    box.scrollTop = 0;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#f-"],a[href^="#r-"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = document.getElementById(link.getAttribute("href").slice(1));
    if (!target || !target.closest(".evidence > li")) return;
    event.preventDefault();
    open(target);
  });
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  // What is folded away is part of a printed page.
  addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details")) part.open = true; });
})();
