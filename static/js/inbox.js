// The inbox by keys: j and k go from row to row, Enter opens, x ticks. Without it every row is a link.
const inbox = document.querySelector("[data-inbox]");
const typing = "input:not([type=checkbox]), textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (!inbox || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(typing)) return;
  const links = [...inbox.querySelectorAll("th[scope=row] a")];
  const row = document.activeElement.closest("tr");
  const here = links.findIndex((link) => row?.contains(link));
  if (event.key === "j" || event.key === "k") {
    const next = here < 0 ? 0 : here + (event.key === "j" ? 1 : -1);
    const link = links[Math.max(0, Math.min(next, links.length - 1))];
    link.focus();
    link.scrollIntoView({ block: "nearest" });
  } else if (event.key === "x" && here >= 0) {
    row.querySelector("input[type=checkbox]")?.click();
  } else {
    return;
  }
  event.preventDefault();
});
