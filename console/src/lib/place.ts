// Where in a JSON text does the member stand that a refusal names?

/** The line of `rules[1].burst` in a text as JSON.stringify indents it, counted from 1; `undefined` when it is not there. */
export function lineOf(text: string, member: string): number | undefined {
  const wanted = member.split(/[.[\]]/).filter(Boolean);
  let depth = 0;
  let from = 0;
  for (const part of wanted) {
    const at = /^\d+$/.test(part) ? element(text, from, Number(part)) : named(text, from, part);
    if (at === undefined) break;
    from = at;
    depth += 1;
  }
  // A member that is missing is pointed at by the object it is missing from.
  return depth === 0 ? undefined : text.slice(0, from).split("\n").length;
}

/** After the opening brace at or behind `from`, where the value of a member of that object begins. */
function named(text: string, from: number, name: string): number | undefined {
  for (const [start, isKey, word] of tokens(text, from)) {
    if (isKey && word === name) return start;
  }
  return undefined;
}

/** Where the element of that number begins, of the array at or behind `from`. */
function element(text: string, from: number, index: number): number | undefined {
  let depth = 0;
  let found = -1;
  let isNext = false;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at]!;
    if (depth === 1 && isNext && !/\s/.test(letter) && letter !== "]") {
      found += 1;
      isNext = false;
      if (found === index) return at;
    }
    if (letter === '"') at = endOfText(text, at);
    else if (letter === "[" || letter === "{") {
      depth += 1;
      isNext = depth === 1;
    } else if (letter === "]" || letter === "}") {
      depth -= 1;
      if (depth === 0) return undefined;
    } else if (letter === "," && depth === 1) isNext = true;
  }
  return undefined;
}

/** The texts directly inside the object at or behind `from`: where each begins, whether it names a member, and what it says. */
function* tokens(text: string, from: number): Generator<[number, boolean, string]> {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at]!;
    if (letter === '"') {
      const end = endOfText(text, at);
      if (depth === 1) yield [at, /^\s*:/.test(text.slice(end + 1)), text.slice(at + 1, end)];
      at = end;
    } else if (letter === "{" || letter === "[") depth += 1;
    else if (letter === "}" || letter === "]") {
      depth -= 1;
      if (depth === 0) return;
    }
  }
}

function endOfText(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
