// Which view does an address name?

/** The parts of the address that `:name` stands for; `undefined` when the pattern is another's. */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, found] = [parts(pattern), parts(path)];
  if (wanted.length !== found.length) return undefined;
  const named: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = found[index]!;
    if (part.startsWith(":")) named[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return named;
}

function parts(path: string): string[] {
  return path.split("/").filter(Boolean).map(decoded);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a lone percent sign names nothing, and must not keep the console from saying so
  }
}

/** An address within the console, of segments that cannot break out of their places. */
export function to(...segments: string[]): string {
  return ["/admin", ...segments.map(encodeURIComponent)].join("/");
}
