// In which order do things compress best that may stand in any?
//
// gzip looks back 32 KiB. So each next piece is the one that has most in common
// with those in reach behind it: of what it is made of, in runs of a few bytes,
// the greatest share stands there already.

/** Bytes in a row that count as one thing in common: about an instruction and what it works on. */
const RUN = 7;

/** A little less than what gzip looks back over, for the match has a length too. */
const REACH = 31_000;

/** What more pieces than this have in common says nothing of any of them. */
const SHARED_MAX = 400;

/** How long a piece must be for its share to mean something, and how much length counts; both tried out on the Worker. */
const SHORT = 60;
const BY_LENGTH = 0.8;

/** The indices of the pieces, the first of which stays first. */
export function byLikeness(pieces) {
  const runs = pieces.map(runsOf);
  const holders = holdersOf(runs);
  const weights = runs.map(({ size }) => 1 / (size + SHORT) ** BY_LENGTH);
  const common = new Int32Array(pieces.length);
  const inReach = new Map();
  const left = new Set(pieces.keys());
  const order = [];
  let behind = 0;
  let reached = 0;

  /** One more (or fewer) piece in reach has these runs. */
  const count = (piece, change) => {
    for (const run of runs[piece]) {
      const had = inReach.get(run) ?? 0;
      const has = had + change;
      if (has === 0) inReach.delete(run);
      else inReach.set(run, has);
      if ((had === 0 || has === 0) && holders.get(run).length < SHARED_MAX) for (const other of holders.get(run)) common[other] += change;
    }
  };

  for (let next = left.size > 0 ? 0 : undefined; next !== undefined; next = likest(left, common, weights)) {
    left.delete(next);
    order.push(next);
    count(next, 1);
    reached += pieces[next].length;
    for (; reached > REACH && behind < order.length - 1; behind += 1) {
      count(order[behind], -1);
      reached -= pieces[order[behind]].length;
    }
  }
  return order;
}

function likest(left, common, weights) {
  let best;
  let most = -1;
  for (const piece of left) {
    const share = common[piece] * weights[piece];
    if (share > most) [best, most] = [piece, share];
  }
  return best;
}

/** Every run of a piece, as a hash (FNV-1a): two that happen to be equal do no harm. */
function runsOf(piece) {
  const runs = new Set();
  for (let start = 0; start + RUN <= piece.length; start += 1) {
    let hash = 0x811c9dc5;
    for (let at = start; at < start + RUN; at += 1) hash = Math.imul(hash ^ piece[at], 0x01000193);
    runs.add(hash);
  }
  return runs;
}

function holdersOf(runs) {
  const holders = new Map();
  runs.forEach((own, piece) => {
    for (const run of own) {
      const known = holders.get(run);
      if (known) known.push(piece);
      else holders.set(run, [piece]);
    }
  });
  return holders;
}
