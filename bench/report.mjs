// What the runs come to: medians, and ratios within a round.
//
// A machine that others use is slow for seconds at a time. A ratio of two runs
// of one round suffers less from that than a ratio of two medians.

/** Aims, each of one case in shares of another. */
const AIMS = [
  { name: "client_credentials", of: "floor: stateless hello", aim: 0.35 },
  { name: "refresh, OAuth alone", of: "floor: one object, a write", aim: 0.8 },
  { name: "check, K = 0", of: "plain: durable", aim: 1 },
  { name: "check, K = 0, 500 keys", of: "plain: durable, 500 keys", aim: 1 },
  { name: "check, K = 16", of: "floor: one object, no write", aim: 0.9 },
  { name: "check from a lease", of: "floor: stateless hello", aim: 0.7 },
  { name: "check refused from memory", of: "floor: stateless hello", aim: 0.7 },
];

/** Half is more than any effect one would look for here. */
const SPREAD_MAX = 0.5;

/** A table of every case's medians and the spread of its rates. */
export function table(runs) {
  const head = ["", "requests/s", "p50 ms", "p99 ms", "spread"];
  const rows = [...runs].map(([name, all]) => {
    const { rate, p50, p99 } = middle(all);
    return [name, rate.toFixed(0), p50.toFixed(2), p99.toFixed(2), `${(spread(all) * 100).toFixed(0)} %`];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  return [head, ...rows]
    .map((row) => row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join("  "))
    .join("\n");
}

/** Every case's medians, to be kept. */
export function medians(runs) {
  return Object.fromEntries(
    [...runs].map(([name, all]) => {
      const { rate, p50, p99 } = middle(all);
      return [name, { requests_per_s: Math.round(rate), p50_ms: rounded(p50), p99_ms: rounded(p99), spread: rounded(spread(all)) }];
    }),
  );
}

/** Each aim with the median of its rounds' ratios. */
export function ratios(runs) {
  return AIMS.map(({ name, of, aim }) => {
    const floor = runs.get(of);
    const ratio = rounded(median(runs.get(name).map(({ rate }, round) => rate / floor[round].rate)));
    const busy = noisy(runs);
    const judged = ratio >= aim ? "is reached" : "is MISSED";
    const verdict = busy.includes(name) || busy.includes(of) ? "is not judged: the machine was busy" : judged;
    return { name: `${name} / ${of}`, ratio, text: `${name} is ${ratio} of «${of}»; the aim of ${aim} ${verdict}` };
  });
}

/** The cases whose rounds differ so much that the machine was busy with something else. */
export function noisy(runs) {
  return [...runs].filter(([, all]) => spread(all) > SPREAD_MAX).map(([name]) => name);
}

/** The fastest round's lead over the slowest, in shares of the median. */
function spread(all) {
  const rates = all.map(({ rate }) => rate);
  return (Math.max(...rates) - Math.min(...rates)) / median(rates);
}

function middle(all) {
  const of = (member) => median(all.map((run) => run[member]));
  return { rate: of("rate"), p50: of("p50"), p99: of("p99") };
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const rounded = (number) => Math.round(number * 100) / 100;
