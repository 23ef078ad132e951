// What do views do with what the API answers, and with what happens meanwhile?

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, listen } from "../app.ts";
import type { List, Query } from "../lib/api.ts";
import type { Frame } from "../lib/live.ts";

/** Something that is being asked for, has come, or could not be had. What was there stays until something newer comes. */
export interface Loaded<T> {
  value: T | undefined;
  error: Error | undefined;
  isLoading: boolean;
  reload: () => void;
  /** Takes what is known without asking. */
  put: (value: T) => void;
}

/** Asks, and again whenever `key` changes. */
export function useLoad<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T | undefined; error?: Error | undefined; isLoading: boolean }>({ key, isLoading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ key, value: before.key === key ? before.value : undefined, isLoading: true }));
    ask(abort.signal).then(
      (value) => abort.signal.aborted || setState({ key, value, isLoading: false }),
      (error) => abort.signal.aborted || setState((before) => ({ ...before, error, isLoading: false })),
    );
    return () => abort.abort();
  }, [key, turn]);
  const put = useCallback((value: T) => setState({ key, value, isLoading: false }), [key]);
  const reload = useCallback(() => setTurn((turn) => turn + 1), []);
  return { value: state.key === key ? state.value : undefined, error: state.error, isLoading: state.isLoading, reload, put };
}

/** Asks for one thing. */
export function useGet<T>(to: string, query: Query = {}): Loaded<T> {
  return useLoad<T>(to + JSON.stringify(query), (signal) => api.get<T>(to, query, signal));
}

/** A list that grows by pages. */
export interface Listed<T> extends Loaded<T[]> {
  /** Asks for the next page; absent at the end. */
  more: (() => void) | undefined;
}

export function useList<T>(to: string, query: Query = {}): Listed<T> {
  const first = useGet<List<T>>(to, query);
  const [next, setNext] = useState<{ of: List<T>; error?: Error } | undefined>();
  const { value } = first;
  const more = async () => {
    if (!value?.next_cursor) return;
    try {
      const page = await api.get<List<T>>(to, { ...query, cursor: value.next_cursor });
      first.put({ items: [...value.items, ...page.items], next_cursor: page.next_cursor });
      setNext(undefined);
    } catch (error) {
      setNext({ of: value, error: error as Error });
    }
  };
  return {
    value: value?.items,
    error: first.error ?? (next && next.of === value ? next.error : undefined),
    isLoading: first.isLoading,
    reload: first.reload,
    put: (items) => first.put({ items, next_cursor: value?.next_cursor ?? null }),
    more: value?.next_cursor ? () => void more() : undefined,
  };
}

/** Hears a feed for as long as the view is there. */
export function useFeed(path: string | undefined, hear: (frame: Frame) => void): void {
  const ear = useRef(hear);
  ear.current = hear;
  useEffect(() => (path === undefined ? undefined : listen(path, (frame) => ear.current(frame))), [path]);
}

/** Text that follows what is typed, a little later: nobody wants an answer for every letter. */
export function useSettled(text: string, ms = 250): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return settled;
}
