// Saves each answer as it is given, and keeps what could not be sent until it can be.
// Without this file the form saves the whole section.
{
  const form = document.querySelector("form[data-answers]");
  const asked = form && JSON.parse(document.getElementById("asked").textContent);
  const store = form && `answers:${asked.assignment}`;
  const waiting = new Map(); // by key: what is to be sent next
  let current = null; // what is being sent, until there is an answer
  let pause = 0;
  let timer;

  const holder = (key) => form.querySelector(`[data-question="${key}"]`);
  const slot = (key) => document.getElementById(`state-${key}`);
  const inputs = (box) => [...box.querySelectorAll("[data-input]")];
  const now = () => new Date().toISOString().slice(11, 16);

  const tell = (words, tone) => {
    const line = document.getElementById("savestate");
    line.textContent = words;
    if (tone) line.dataset.tone = tone;
    else delete line.dataset.tone;
  };

  // What is given for a question, as the portal keeps it: text, list, choice by row, or records.
  const valueOf = (box) => {
    const fields = inputs(box);
    const [first] = fields;
    const picked = () => fields.filter((field) => field.checked).map((field) => field.value);
    switch (box.dataset.kind) {
      case "choice": case "attestation": return picked()[0] ?? null;
      case "choices": case "files": return picked().length ? picked() : null;
      case "countries": return first.selectedOptions.length ? [...first.selectedOptions].map((one) => one.value) : null;
      case "number": return /^\d{1,7}$/.test(first.value.trim()) ? Number(first.value) : first.value.trim() || null;
      case "table": {
        const rows = fields.filter((field) => field.checked).map((field) => [field.name.split(".")[1], field.value]);
        return rows.length ? Object.fromEntries(rows) : null;
      }
      case "records": {
        const records = {};
        for (const field of fields) {
          const [, place, column] = field.name.split(".");
          if (field.value.trim()) (records[place] ??= {})[column] = field.value.trim();
        }
        return Object.keys(records).length ? Object.values(records) : null;
      }
      default: return first.value.trim() || null;
    }
  };

  const show = (box, value) => {
    for (const field of inputs(box)) {
      if (field.type === "radio" || field.type === "checkbox") {
        const row = field.name.split(".")[1];
        field.checked = row ? value?.[row] === field.value : [value].flat().includes(field.value);
      } else if (field.multiple) {
        for (const option of field.options) option.selected = (value ?? []).includes(option.value);
      } else if (box.dataset.kind === "records") {
        const [, place, column] = field.name.split(".");
        field.value = value?.[place]?.[column] ?? "";
      } else field.value = value ?? "";
    }
  };

  // Show what is asked, given the answers on this page and those of the other sections.
  const unfold = () => {
    const answers = { ...asked.answers };
    for (const box of form.querySelectorAll("[data-question]")) {
      const value = valueOf(box);
      if (value !== null) answers[box.dataset.question] = value;
    }
    const keys = new Set(conditions.visible(asked.questions, answers));
    for (const box of form.querySelectorAll("[data-question]")) box.hidden = !keys.has(box.dataset.question);
  };

  const said = (box) => ({
    value: valueOf(box),
    na_reason: box.querySelector("[data-na]")?.checked ? box.querySelector("[data-na-reason]").value.trim() : null,
    is_confirmed: box.querySelector("[data-confirm]")?.checked ?? true,
  });

  const remember = () => {
    const all = [...(current ? [current] : []), ...waiting.values()];
    if (all.length) sessionStorage.setItem(store, JSON.stringify(all));
    else sessionStorage.removeItem(store);
  };

  const queue = (key, revision) => {
    const box = holder(key);
    waiting.set(key, { key, body: said(box), revision, request: crypto.randomUUID() });
    remember();
    send();
  };

  const wait = () => {
    const count = waiting.size + 1;
    tell(`You are offline. ${count === 1 ? "One answer waits" : `${count} answers wait`} in this tab and will be sent.`, "warning");
    pause = Math.min(pause ? pause * 2 : 2, 30);
    clearTimeout(timer);
    timer = setTimeout(send, pause * 1000);
  };

  let isSending = false;
  const send = async () => {
    if (isSending) return;
    if (!current) {
      const next = waiting.values().next();
      if (next.done) return;
      current = next.value;
      waiting.delete(current.key);
    }
    isSending = true;
    tell("Saving");
    let answer;
    try {
      answer = await fetch(`/api/v1/assignments/${asked.assignment}/answers/${current.key}`, {
        method: "PATCH",
        credentials: "same-origin",
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
          "If-Match": `"${current.revision ?? holder(current.key).dataset.revision}"`,
          "Idempotency-Key": current.request,
        },
        body: JSON.stringify(current.body),
      });
    } catch {
      isSending = false;
      wait();
      return;
    }
    isSending = false;
    if (answer.status >= 500 || answer.status === 429) {
      wait();
      return;
    }
    pause = 0;
    const done = current;
    current = null;
    await settle(done, answer);
    remember();
    send();
  };

  const settle = async (done, answer) => {
    const box = holder(done.key);
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) {
      const revision = body.revision ?? 0; // 204: there was nothing, and there is nothing
      box.dataset.revision = revision;
      slot(done.key).hidden = true;
      slot(done.key).querySelector("input[type=hidden]").value = revision;
      slot(done.key).querySelector("[data-said]").replaceChildren();
      box.querySelector("[data-carried]")?.toggleAttribute("hidden", body.is_confirmed !== false);
      const isLast = !waiting.size && !form.querySelector("[data-said]:not(:empty)");
      if (isLast) tell(`Saved at ${now()} UTC. You can leave and come back.`);
    } else {
      complain(done.key, body.current ? body.title : Object.values(body.errors ?? {}).flat()[0] ?? body.title, body.current);
      tell("One answer is not saved yet. The rest is.", "warning");
    }
  };

  const complain = (key, words, theirs) => {
    const box = holder(key);
    const part = document.getElementById("refusal").content.cloneNode(true);
    part.querySelector("[data-words]").textContent = words ?? "This answer could not be saved.";
    const choice = part.querySelector("[data-choice]");
    if (theirs) {
      choice.querySelector("[data-mine]").addEventListener("click", () => queue(key, theirs.revision));
      choice.querySelector("[data-theirs]").addEventListener("click", () => {
        box.dataset.revision = theirs.revision;
        show(box, theirs.value);
        slot(key).querySelector("input[type=hidden]").value = theirs.revision;
        slot(key).querySelector("[data-said]").replaceChildren();
        slot(key).hidden = true;
        unfold();
        tell("Their answer stays.");
      });
    } else choice.remove();
    slot(key).querySelector("[data-said]").replaceChildren(part);
    slot(key).hidden = false;
  };

  // What this tab could not send before it was loaded again.
  const recall = () => {
    const kept = JSON.parse(sessionStorage.getItem(store) ?? "[]");
    for (const one of kept) {
      const box = holder(one.key);
      if (!box) continue;
      show(box, one.body.value);
      waiting.set(one.key, { revision: box.dataset.revision, ...one });
    }
    remember();
    send();
  };

  if (form) {
    form.addEventListener("change", (event) => {
      const box = event.target.closest("[data-question]");
      if (!box) return;
      unfold();
      if (event.target.matches("[data-na]:checked") && !box.querySelector("[data-na-reason]").value.trim()) return;
      queue(box.dataset.question);
    });
    addEventListener("online", send);
    addEventListener("beforeunload", (event) => { if (current || waiting.size) event.preventDefault(); });
    form.addEventListener("submit", () => { waiting.clear(); current = null; remember(); });
    unfold();
    recall();
  }
}
