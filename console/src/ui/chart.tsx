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
const HEIGHT = 160;

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
      <p class="top" aria-hidden="true">
        {count(top)}
      </p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${label}: ${told}`}>
        <path class="axis" d={`M0 ${HEIGHT - 0.5}H${WIDTH}M0 .5H${WIDTH}`} />
        {slots.map(({ at }, index) => {
          let y = HEIGHT - 1;
          return (
            <g key={at}>
              {series.map(({ name, tone, points }) => {
                const value = points[index]?.value ?? 0;
                const height = (value / top) * (HEIGHT - 2);
                y -= height;
                return value > 0 && (
                  <rect key={name} class={tone} x={index * width + width * 0.12} y={y} width={width * 0.76} height={height}>
                    <title>{`${instant(at)}: ${count(value)} ${name}`}</title>
                  </rect>
                );
              })}
            </g>
          );
        })}
      </svg>
      {slots.length > 0 && (
        <p class="span" aria-hidden="true">
          <span>{clock(slots[0]!.at)}</span>
          <span>{clock(slots[slots.length - 1]!.at)}</span>
        </p>
      )}
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
