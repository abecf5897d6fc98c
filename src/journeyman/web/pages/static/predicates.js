// The predicates of a value, tested before the server tests them: groups of rules of which some must hold.

const TESTS = {
  islengthrange: (rule, value) =>
    value.length >= Number(rule.MINIMUM ?? 0) && value.length <= Number(rule.MAXIMUM ?? Infinity),
  matchesregex: (rule, value) => new RegExp(rule.REGULAREXPRESSION).test(value),
  includescharacters: (rule, value) => {
    const ranges = rule.SET.map((pair) => [...pair]);
    return [...value].some((letter) => ranges.some(([first, last]) => first <= letter && letter <= last));
  },
  isdaterange: (rule, value) => value >= dayOf(rule.MINIMUM, "0000") && value <= dayOf(rule.MAXIMUM, "9999-99-99"),
};

/** Return what to tell the person about a value, a line for each text; null when it is valid. */
export function failures(groups, value) {
  const lines = [];
  let valid = true;
  for (const group of groups) {
    const held = group.RULES.map((rule) => holds(rule, value));
    if ((held.filter(Boolean).length >= group.MIN) !== group.REJECT) continue;
    valid = false;
    lines.push(group.TEXT, ...group.RULES.filter((_, index) => held[index] === group.REJECT).map((rule) => rule.TEXT));
  }
  return valid ? null : [...new Set(lines.filter(Boolean))].join("\n");
}

/** Return the first and the last year that the rules of a date allow, each undefined where nothing limits it. */
export function yearsOf(groups) {
  const rules = groups.flatMap((group) => group.RULES).filter((rule) => rule.METHOD === "isdaterange");
  const years = (name) => rules.map((rule) => dayOf(rule[name], "")).filter(Boolean).map((day) => Number(day.slice(0, 4)));
  return { first: years("MINIMUM")[0], last: years("MAXIMUM")[0] };
}

function holds(rule, value) {
  // Of an empty value only a regular expression says something; authors let it pass with (^$).
  if (!value && rule.METHOD !== "matchesregex") return true;
  try {
    return TESTS[rule.METHOD]?.(rule, value) ?? true;
  } catch {
    return true; // The expression is .NET's; what this browser cannot read is left to the server.
  }
}

function dayOf(written, otherwise) {
  const day = (written ?? "").trim();
  if (!day) return otherwise;
  return day.toLowerCase() === "today" ? new Date().toISOString().slice(0, 10) : day;
}
