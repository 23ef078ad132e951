// How are times, numbers and devices told to people?

const UNITS: [string, number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** A number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString("en-GB");
}

/** Bytes in the largest unit that leaves something before the point. */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  const [size, unit] = value < 1_000_000 ? [value / 1_000, "kB"] : [value / 1_000_000, "MB"];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}

/** A length of time in its two largest units: "2 h 5 min". */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, length] of UNITS) {
    const whole = Math.floor(rest / length);
    rest -= whole * length;
    if (whole > 0) parts.push(`${whole} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** How long ago, or until when: "3 min ago", "in 2 h". */
export function relative(at: number, now: number): string {
  const away = Math.abs(now - at);
  if (away < 5_000) return "just now";
  const [unit, length] = UNITS.find(([, length]) => away >= length) ?? UNITS[UNITS.length - 1]!;
  const told = `${Math.floor(away / length)} ${unit}`;
  return at > now ? `in ${told}` : `${told} ago`;
}

/** An instant as the reader's clock shows it, to the second. */
export function instant(at: number): string {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** "Chrome on Linux", or the agent's own first word. */
export function device(agent: string | null | undefined): string {
  if (!agent) return "Unknown device";
  const named = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? agent.split(/[\s/]/)[0]!;
}

/** Milliseconds of what the API tells: RFC 3339 or milliseconds. */
export function ms(told: string | number): number {
  return typeof told === "number" ? told : Date.parse(told);
}

/** "redirect_uris" as a label: "Redirect uris". */
export function words(member: string): string {
  const text = member.replace(/[._-]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
