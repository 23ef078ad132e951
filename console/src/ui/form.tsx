// How does somebody say what is to be done?

import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { done as told, refresh, waiting } from "../app.ts";
import { Problem, Stale } from "../lib/api.ts";
import { type Field, Unreadable, shown } from "../lib/fields.ts";
import { Icon } from "./icon.tsx";

export type Values = Record<string, string>;

interface FormProps {
  /** What this does is called; unique among all forms, as somebody may come back to it after a sign-in. */
  name: string;
  fields: Field[];
  /** What the fields begin with. */
  of?: Record<string, unknown>;
  submit: string;
  isDangerous?: boolean | undefined;
  run: (values: Values) => Promise<unknown>;
  /** Said when it is done. */
  said?: string | undefined;
  onDone?: ((answer: unknown) => void) | undefined;
  onCancel?: (() => void) | undefined;
}

const blank = (fields: Field[], of: Record<string, unknown>): Values => Object.fromEntries(fields.map((field) => [field.name, shown(field, of[field.name])]));

/** Which field a refusal is about. */
function fieldOf(fields: Field[], error: Error): Field | undefined {
  if (error instanceof Unreadable) return fields.find(({ name }) => name === error.field);
  if (!(error instanceof Problem) || ![400, 409, 422].includes(error.status)) return undefined;
  // A refusal names the member, mostly first: "rules[1].burst must …", "a slug is …".
  const said = error.message.split(/[^a-z_]+/i);
  return fields.find(({ name }) => name === said[0]) ?? fields.find(({ name }) => said.includes(name));
}

export function Form({ name, fields, of = {}, submit, isDangerous, run, said, onDone, onCancel }: FormProps) {
  // An act that waited for a sign-in comes back with what was filled in.
  const [values, setValues] = useState<Values>(() => ({ ...blank(fields, of), ...(waiting.peek()?.act === name ? waiting.peek()?.values : {}) }));
  const [error, setError] = useState<Error | undefined>();
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (waiting.peek()?.act === name) waiting.value = undefined;
  }, []);
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>("[aria-invalid=true], .alert")?.focus();
  }, [error]);

  const submitted = async (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      const answer = await run(values);
      if (said) told.value = said;
      onDone?.(answer);
    } catch (thrown) {
      setError(thrown as Error);
    }
    setBusy(false);
  };

  if (error instanceof Stale) {
    const kept = Object.fromEntries(fields.filter(({ kind }) => kind !== "password").map(({ name }) => [name, values[name] ?? ""]));
    return (
      <div class="form">
        <p class="notice" tabIndex={-1} role="alert">
          <Icon name="key" />
          <span>You signed in a while ago. Sign in again, and come back here to go on.</span>
        </p>
        <div class="form-acts">
          <button type="button" class="button" onClick={() => void refresh(error, { act: name, values: kept })}>
            Sign in again
          </button>
          {onCancel && (
            <button type="button" class="button quiet" onClick={onCancel}>
              Cancel
            </button>
          )}
        </div>
      </div>
    );
  }
  const wrong = error && fieldOf(fields, error);
  return (
    <form class="form" ref={form} onSubmit={(event) => void submitted(event)} noValidate>
      {error && !wrong && (
        <p class="alert" role="alert" tabIndex={-1}>
          <Icon name="wrong" />
          <span>{error.message}</span>
        </p>
      )}
      {fields.map((field) => (
        <Input
          key={field.name}
          of={field}
          id={`${name}-${field.name}`}
          value={values[field.name] ?? ""}
          error={wrong === field ? error?.message : undefined}
          onInput={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
        />
      ))}
      <div class="form-acts">
        <button class={`button${isDangerous ? " danger" : ""}`} disabled={isBusy}>
          {isBusy ? "One moment …" : submit}
        </button>
        {onCancel && (
          <button type="button" class="button quiet" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

interface InputProps {
  of: Field;
  id: string;
  value: string;
  error: string | undefined;
  onInput: (value: string) => void;
}

const TYPES: Partial<Record<string, "email" | "password" | "url">> = { email: "email", password: "password", url: "url" };

function Input({ of: { label, kind = "text", hint, options = [], text, isRequired, name }, id, value, error, onInput }: InputProps) {
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const common = { id, name, "aria-describedby": told, "aria-invalid": error ? true : undefined, "aria-required": isRequired || undefined } as const;
  const typed = (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value);
  const notes = (
    <>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="wrong" id={`${id}-error`}>
          {error}
        </p>
      )}
    </>
  );
  if (kind === "yes") {
    return (
      <div class="field">
        <label class="tick">
          <input type="checkbox" {...common} checked={value === "true"} onChange={(event) => onInput(String(event.currentTarget.checked))} />
          <span>{label}</span>
        </label>
        {notes}
      </div>
    );
  }
  if (kind === "words" && options.length > 0) {
    const chosen = value.split(/\s+/).filter(Boolean);
    const toggle = (option: string) => onInput(options.filter((other) => (other === option) !== chosen.includes(other)).join(" "));
    return (
      <fieldset class="field" aria-describedby={told}>
        <legend>{label}</legend>
        {options.map((option) => (
          <label class="tick" key={option}>
            <input type="checkbox" name={name} value={option} checked={chosen.includes(option)} onChange={() => toggle(option)} />
            <span>{option}</span>
          </label>
        ))}
        {notes}
      </fieldset>
    );
  }
  return (
    <div class="field">
      <label for={id}>{kind === "exactly" ? `${label}: type ${text}` : label}</label>
      {kind === "choice" ? (
        <select {...common} value={value} onChange={typed}>
          {options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      ) : kind === "lines" ? (
        <textarea {...common} rows={Math.min(6, value.split("\n").length + 1)} value={value} onInput={typed} spellcheck={false} />
      ) : (
        <input
          {...common}
          // Its attributes are the same whichever of these it is.
          type={(TYPES[kind] ?? "text") as "text"}
          value={value}
          onInput={typed}
          autocomplete={kind === "password" ? "new-password" : "off"}
          inputMode={kind === "number" ? "numeric" : undefined}
        />
      )}
      {notes}
    </div>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A window over the view. The browser keeps the focus in it and gives it back. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current!;
    shown.showModal();
    return () => shown.close();
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="dialog-title" onClose={onClose}>
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}

interface ActProps extends Omit<FormProps, "onCancel" | "submit" | "fields"> {
  label: string;
  title?: string;
  /** What will happen, in a sentence. */
  about?: ComponentChildren;
  fields?: Field[];
  submit?: string;
  isQuiet?: boolean;
  isSmall?: boolean;
  /** Which of many alike this is, for those who do not see where it stands. */
  on?: string;
}

/** A button, the window it opens, and in it the form that does it. */
export function Act({ label, title = label, about, fields = [], submit = label, isQuiet, isSmall, on, onDone, ...form }: ActProps) {
  const [isOpen, setOpen] = useState(() => waiting.peek()?.act === form.name);
  const kind = [form.isDangerous && "danger", isQuiet && "quiet", isSmall && "small"].filter(Boolean).join(" ");
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button type="button" ref={button} class={`button ${kind}`} data-act={form.name} onClick={() => setOpen(true)}>
        {label}
        {on && <span class="sr"> {on}</span>}
      </button>
      {isOpen && (
        <Dialog title={title} onClose={close}>
          {about && <p class="lead">{about}</p>}
          <Form
            {...form}
            fields={fields}
            submit={submit}
            onCancel={close}
            onDone={(answer) => {
              close();
              onDone?.(answer);
            }}
          />
        </Dialog>
      )}
    </>
  );
}

/** A reason, which records of acts keep. */
export const REASON: Field = { name: "reason", label: "Reason", isRequired: true, hint: "Kept in the audit log." };
