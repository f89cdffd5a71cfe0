// <span data-print hidden><button type="button">: a print button shows itself where it can work.
for (const element of document.querySelectorAll("[data-print]")) {
  element.hidden = false;
  element.addEventListener("click", () => window.print());
}
