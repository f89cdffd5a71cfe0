// When a question is asked: the same conditions, over the same answers, as the portal decides them.
// A comparison with a question that has no answer, or is hidden, is neither true nor false (null).
{
  const comparisons = {
    eq: (given, wanted) => given === wanted,
    neq: (given, wanted) => given !== wanted,
    in: (given, wanted) => wanted.includes(given),
    contains: (given, wanted) => given.includes(wanted),
    gt: (given, wanted) => given > wanted,
    lt: (given, wanted) => given < wanted,
  };

  const holds = (condition, answers) => {
    const [[op, body]] = Object.entries(condition);
    if (op === "answered") return Object.hasOwn(answers, body);
    if (op === "not") {
      const outcome = holds(body, answers);
      return outcome === null ? null : !outcome;
    }
    if (op === "all" || op === "any") {
      const decisive = op === "any";
      const outcomes = body.map((part) => holds(part, answers));
      if (outcomes.includes(decisive)) return decisive;
      return outcomes.includes(null) ? null : !decisive;
    }
    const [key, wanted] = body;
    return Object.hasOwn(answers, key) ? comparisons[op](answers[key], wanted) : null;
  };

  const visible = (questions, answers) => {
    const shown = {};
    const keys = [];
    for (const { key, visible_if: condition } of questions) {
      if (condition && holds(condition, shown) !== true) continue;
      keys.push(key);
      if (Object.hasOwn(answers, key)) shown[key] = answers[key];
    }
    return keys;
  };

  globalThis.conditions = { holds, visible };
}
