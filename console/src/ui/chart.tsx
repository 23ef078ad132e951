// How are numbers over time drawn?

import { count, instant } from "../lib/format.ts";

export interface Point {
  at: number;
  value: number;
}

export interface Series {
  name: string;
  /** A class that says its colour. */
  tone: string;
  points: Point[];
}

const WIDTH = 720;
const HEIGHT = 180;
const BASE = HEIGHT - 22;

const clock = (at: number) => new Date(at).toLocaleTimeString("en-GB", { timeStyle: "short" });
const sum = (points: Point[]) => points.reduce((total, { value }) => total + value, 0);

/** The next number that is round enough to stand at the top of an axis. */
export function ceiling(value: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((times) => times * step).find((top) => top >= value) ?? 10 * step;
}

/** Series on top of each other, a bar for each slot of time; all series have the same slots. */
export function Bars({ series, label }: { series: Series[]; label: string }) {
  const slots = series[0]?.points ?? [];
  const heights = slots.map((_, index) => series.reduce((total, { points }) => total + (points[index]?.value ?? 0), 0));
  const top = ceiling(Math.max(1, ...heights));
  const width = WIDTH / Math.max(1, slots.length);
  const told = series.map(({ name, points }) => `${count(sum(points))} ${name}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        {series.map(({ name, tone, points }) => (
          <span key={name} class="legend">
            <i class={tone} /> {name} <strong>{count(sum(points))}</strong>
          </span>
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}: ${told}`}>
        <path class="axis" d={`M0 ${BASE}H${WIDTH}M0 .5H${WIDTH}`} />
        <text x="0" y="14" class="tick">
          {count(top)}
        </text>
        {slots.map(({ at }, index) => {
          let y = BASE;
          return (
            <g key={at}>
              {series.map(({ name, tone, points }) => {
                const value = points[index]?.value ?? 0;
                const height = (value / top) * (BASE - 1);
                y -= height;
                return value > 0 && (
                  <rect key={name} class={tone} x={index * width + width * 0.12} y={y} width={width * 0.76} height={height} rx="1.5">
                    <title>{`${instant(at)}: ${count(value)} ${name}`}</title>
                  </rect>
                );
              })}
            </g>
          );
        })}
        {slots.length > 0 && (
          <>
            <text x="0" y={HEIGHT - 4} class="tick">
              {clock(slots[0]!.at)}
            </text>
            <text x={WIDTH} y={HEIGHT - 4} class="tick end">
              {clock(slots[slots.length - 1]!.at)}
            </text>
          </>
        )}
      </svg>
    </figure>
  );
}

/** The course of one number, small beside it. */
export function Spark({ values }: { values: number[] }) {
  if (values.length < 2) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const y = (value: number) => (high === low ? 16 : 30 - ((value - low) / (high - low)) * 28);
  const line = values.map((value, index) => `${(index / (values.length - 1)) * 120} ${y(value)}`).join("L");
  return (
    <svg class="spark" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true">
      <path d={`M${line}`} />
    </svg>
  );
}
