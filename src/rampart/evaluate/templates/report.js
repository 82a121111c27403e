// Points out one projectile on the map, the timeline and the table together. The page is whole without it.
for (const mark of document.querySelectorAll("[data-key]")) {
  const all = [...document.querySelectorAll("[data-key]")].filter((each) => each.dataset.key === mark.dataset.key);
  mark.addEventListener("pointerenter", () => all.forEach((each) => each.classList.add("chosen")));
  mark.addEventListener("pointerleave", () => all.forEach((each) => each.classList.remove("chosen")));
}
