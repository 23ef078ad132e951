// How does somebody write a document, and see where it is wrong?

import { useEffect, useRef, useState } from "preact/hooks";
import { done, refresh, waiting } from "../app.ts";
import { Problem, Stale } from "../lib/api.ts";
import { lineOf } from "../lib/place.ts";
import { Icon } from "./icon.tsx";

interface EditorProps {
  name: string;
  label: string;
  value: unknown;
  submit: string;
  said: string;
  run: (document: Record<string, unknown>) => Promise<unknown>;
  onDone?: (answer: unknown) => void;
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2);

/** Where a text is no JSON, in the words of whichever browser. */
function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${(error as Error).message}`);
  }
}

/** A document as JSON. What the API refuses is shown at the line of the member it names. */
export function Editor({ name, label, value, submit, said, run, onDone }: EditorProps) {
  const [text, setText] = useState(() => (waiting.peek()?.act === name ? waiting.peek()!.values.text! : pretty(value)));
  const [error, setError] = useState<Error | undefined>();
  const [isBusy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (waiting.peek()?.act === name) waiting.value = undefined;
  }, []);
  const member = error instanceof Problem ? error.member : undefined;
  const line = member === undefined ? undefined : lineOf(text, member);
  const lines = text.split("\n").length;

  const submitted = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const answer = await run(parse(text));
      done.value = said;
      onDone?.(answer);
    } catch (thrown) {
      if (thrown instanceof Stale) return refresh(thrown, { act: name, values: { text } });
      setError(thrown as Error);
      area.current?.focus();
    }
    setBusy(false);
  };
  return (
    <form class="form" onSubmit={(event) => void submitted(event)}>
      <label for={name}>{label}</label>
      <div class="editor">
        <ol aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => (
            <li key={index} class={index + 1 === line ? "wrong" : undefined} />
          ))}
        </ol>
        <textarea
          id={name}
          ref={area}
          rows={lines}
          value={text}
          spellcheck={false}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${name}-error` : undefined}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      {error && (
        <p class="alert" role="alert" id={`${name}-error`}>
          <Icon name="wrong" />
          <span>
            {line !== undefined && <strong>Line {line}: </strong>}
            {error.message}
          </span>
        </p>
      )}
      <div class="form-acts">
        <button class="button" disabled={isBusy}>
          {isBusy ? "One moment …" : submit}
        </button>
      </div>
    </form>
  );
}
