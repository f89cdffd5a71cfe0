// "/" goes to the search box, as the key beside it says.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const boxes = [...document.querySelectorAll("input[type=search]")];
  const box = boxes.find((candidate) => candidate.checkVisibility());
  if (!box) return;
  event.preventDefault();
  box.focus();
});
