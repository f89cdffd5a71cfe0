// <button data-dismiss> removes the toast or banner around it.
document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast, .banner")?.remove();
});
