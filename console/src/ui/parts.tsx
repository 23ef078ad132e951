// What are views made of?

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { done, now } from "../app.ts";
import { Problem } from "../lib/api.ts";
import { instant, ms, relative } from "../lib/format.ts";
import type { Listed, Loaded } from "./hooks.ts";
import { Icon, type IconName } from "./icon.tsx";

/** Whether a view has been shown before this one: the first leaves the focus where the browser put it. */
let isLater = false;

interface PageProps {
  title: string;
  lead?: ComponentChildren;
  /** Where this belongs: a link above the title. */
  up?: [string, string] | undefined;
  acts?: ComponentChildren;
  children: ComponentChildren;
}

/** A view: its title is the document's, and gets the focus when somebody has come here by a link. */
export function Page({ title, lead, up, acts, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isLater) {
      heading.current?.focus();
      scrollTo(0, 0);
    }
    isLater = true;
  }, []);
  useEffect(() => {
    document.title = `${title} · Console`;
  }, [title]);
  return (
    <>
      <header class="head">
        <div class="grow">
          {up && (
            <a class="up" href={up[1]}>
              <Icon name="back" /> {up[0]}
            </a>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {acts && <div class="acts">{acts}</div>}
      </header>
      {children}
    </>
  );
}

export function Section({ title, acts, children }: { title: string; acts?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="section">
      <div class="section-head">
        <h2>{title}</h2>
        {acts && <div class="acts">{acts}</div>}
      </div>
      {children}
    </section>
  );
}

/** Why something is not there, and what can be done about it. */
export function Failure({ error, retry }: { error: Error; retry?: (() => void) | undefined }) {
  const problem = error instanceof Problem ? error : undefined;
  const title = problem?.status === 404 ? "Not here" : problem?.status === 403 ? "Not allowed" : "This did not work";
  return (
    <div class="empty" role="alert">
      <Icon name="wrong" />
      <p>
        <strong>{title}</strong>
      </p>
      <p>{error.message}</p>
      {problem?.request && (
        <p class="fine">
          Request <code>{problem.request}</code>
        </p>
      )}
      {retry && (
        <button type="button" class="button quiet" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Bars where lines will be. */
export const Waiting = ({ lines = 4 }: { lines?: number }) => (
  <div class="panel waiting" aria-busy="true">
    <span class="sr">Loading</span>
    {Array.from({ length: lines }, (_, index) => (
      <i key={index} />
    ))}
  </div>
);

export function Nothing({ icon = "empty", title, children }: { icon?: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <p>
        <strong>{title}</strong>
      </p>
      {children && <p>{children}</p>}
    </div>
  );
}

/** What has come, or in its place why it has not. */
export function Show<T>({ of, lines, children }: { of: Loaded<T>; lines?: number; children: (value: T) => ComponentChildren }) {
  if (of.value !== undefined) return <>{children(of.value)}</>;
  if (of.error) return <Failure error={of.error} retry={of.reload} />;
  return <Waiting {...(lines === undefined ? {} : { lines })} />;
}

export interface Column<T> {
  head: string;
  cell: (item: T) => ComponentChildren;
  /** Numbers stand at the right. */
  isNumber?: boolean;
}

interface TableProps<T> {
  of: Listed<T>;
  label: string;
  columns: Column<T>[];
  id: (item: T) => string;
  empty: ComponentChildren;
  /** What has come or gone while somebody looks. */
  mark?: (item: T) => string | undefined;
}

/** A list as a table; on a narrow screen each row is a card. */
export function Table<T>({ of, label, columns, id, empty, mark }: TableProps<T>) {
  return (
    <Show of={of}>
      {(items) =>
        items.length === 0 ? (
          empty
        ) : (
          <>
            <table class="table" role="table" aria-label={label}>
              <thead role="rowgroup">
                <tr role="row">
                  {columns.map(({ head, isNumber }) => (
                    <th key={head} role="columnheader" scope="col" class={isNumber ? "number" : undefined}>
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody role="rowgroup">
                {items.map((item) => (
                  <tr key={id(item)} role="row" class={mark?.(item)}>
                    {columns.map(({ head, cell, isNumber }) => (
                      <td key={head} role="cell" data-label={head} class={isNumber ? "number" : undefined}>
                        <div>{cell(item)}</div>
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
            {of.error && <Failure error={of.error} />}
            {of.more && (
              <button type="button" class="button quiet more" onClick={of.more}>
                Show more
              </button>
            )}
          </>
        )
      }
    </Show>
  );
}

/** Names and what they stand for. */
export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? "—"}</dd>
        </div>
      ))}
    </dl>
  );
}

const TONES: Record<string, string> = {
  live: "good", active: "good", signing: "good", done: "good", enforce: "good", succeeded: "good",
  suspended: "bad", disabled: "bad", refused: "bad", block: "bad", failed: "bad", deleting: "bad",
  announced: "fair", retiring: "fair", shadow: "fair",
};

export const Badge = ({ children }: { children: string }) => <span class={`badge ${TONES[children] ?? ""}`}>{children}</span>;

/** How long ago; the whole instant when pointed at. */
export function Time({ at }: { at: string | number | null | undefined }) {
  if (at === null || at === undefined) return <>—</>;
  const told = ms(at);
  return (
    <time dateTime={new Date(told).toISOString()} title={instant(told)}>
      {relative(told, now.value)}
    </time>
  );
}

/** A name of ours, which breaks where it must. */
export const Id = ({ children }: { children: string }) => <code class="id">{children}</code>;

/** Puts a text on the clipboard. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    done.value = `${label} copied`;
  };
  return (
    <button type="button" class="button quiet small" onClick={() => void copy()}>
      <Icon name={isCopied ? "check" : "copy"} /> {isCopied ? "Copied" : `Copy ${label.toLowerCase()}`}
    </button>
  );
}

interface SearchProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  /** What may well be meant. */
  options?: string[];
}

/** The search of a view, which `/` leads to. */
export function Search({ label, value, onInput, options }: SearchProps) {
  return (
    <label class="search">
      <span class="sr">{label}</span>
      <Icon name="search" />
      <input data-search type="search" placeholder={label} list={options && "search-options"} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
      {options && (
        <datalist id="search-options">
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

/** One of few, as a list to choose from. */
export function Choice({ label, value, options, onChange }: { label: string; value: string; options: [string, string][]; onChange: (value: string) => void }) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
