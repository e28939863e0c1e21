// Every building block of the page: the elements of @vscode/webview-ui-toolkit, and native ones where those fall short.

import {
  provideVSCodeDesignSystem,
  vsCodeBadge,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import * as l10n from '@vscode/l10n';
import { Component, Fragment, h } from 'preact';
import type { ComponentChildren, JSX } from 'preact';

/** To be called once, before the page is drawn. */
export function registerParts(): void {
  provideVSCodeDesignSystem().register(vsCodeBadge(), vsCodeButton(), vsCodeProgressRing(), vsCodeTextField());
}

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly id?: string;
  readonly title?: string;
}

export function Button({ children, onClick, primary = false, disabled = false, id, title }: ButtonProps): JSX.Element {
  return h(
    'vscode-button',
    { id, title, disabled, appearance: primary ? 'primary' : 'secondary', onClick: () => disabled || onClick() },
    children,
  );
}

/** Looks like a link, acts like a button. Native: rows have hundreds of them. */
export function LinkButton(props: {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly label?: string;
  readonly disabled?: boolean;
  readonly popup?: boolean;
}): JSX.Element {
  return (
    <button
      type="button"
      class="link-button"
      disabled={props.disabled ?? false}
      aria-label={props.label}
      aria-haspopup={props.popup ? 'dialog' : undefined}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

export function Badge({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return h('vscode-badge', {}, children);
}

/** The toolkit names its elements anew when they enter the document; what is meant is set after that. */
function attributes(wanted: Readonly<Record<string, string>>): (element: Element | null) => void {
  return (element) => Object.entries(wanted).forEach(([name, text]) => element?.setAttribute(name, text));
}

export function ProgressRing({ label }: { readonly label: string }): JSX.Element {
  const ref = attributes({ 'aria-label': label, role: 'progressbar', 'aria-live': 'off' });
  return h('vscode-progress-ring', { ref });
}

export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
}): JSX.Element {
  const onInput = (event: Event) => props.onInput((event.target as HTMLInputElement).value);
  return h('vscode-text-field', {
    class: 'filter',
    value: props.value,
    placeholder: props.label,
    ref: attributes({ 'aria-label': props.label }),
    onInput,
  });
}

/**
 * Native: the toolkit's checkbox reports a change when it is set by the page, not only when a person sets it, so that
 * a preset would come back as clicks.
 */
export function Checkbox(props: {
  readonly checked: boolean;
  readonly indeterminate?: boolean;
  readonly disabled?: boolean;
  readonly label?: string;
  readonly describedBy?: string;
  readonly onChange: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <label class="checkbox">
      <input
        type="checkbox"
        checked={props.checked}
        indeterminate={props.indeterminate ?? false}
        disabled={props.disabled ?? false}
        aria-label={props.label}
        aria-describedby={props.describedBy}
        onChange={(event) => {
          const box = event.currentTarget;
          // What is shown follows the draft alone: a click that changes nothing leaves no trace.
          box.checked = props.checked;
          box.indeterminate = props.indeterminate ?? false;
          props.onChange();
        }}
      />
      <span>{props.children}</span>
    </label>
  );
}

export function Hidden({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <span class="hidden">{children}</span>;
}

/** A part of the page with its heading, reachable as a landmark. */
export function Section(props: {
  readonly id: string;
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section id={props.id} aria-labelledby={`${props.id}-title`}>
      <div class="section-head">
        <h2 id={`${props.id}-title`}>{props.title}</h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

/** Scrolls sideways where it must, by keyboard as well. */
export function Scroll(props: { readonly label: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={props.label}>
      {props.children}
    </div>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

/** A component that is drawn again only when one of its properties is another value. */
export function memo<P extends object>(draw: (props: P) => JSX.Element): new (props: P) => Component<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before: Readonly<P> = this.props;
      const keys = Object.keys(next) as (keyof P)[];
      return keys.length !== Object.keys(before).length || keys.some((key) => next[key] !== before[key]);
    }
    override render(): JSX.Element {
      return draw(this.props);
    }
  };
}

/** "Show all 300", under the first rows of a long list. */
export function ShowAll({ count, onClick }: { readonly count: number; readonly onClick: () => void }): JSX.Element {
  return <LinkButton onClick={onClick}>{l10n.t('Show all {0}', count)}</LinkButton>;
}

/** A long name that may be broken after an underscore or a full stop. */
export function Breakable({ text }: { readonly text: string }): JSX.Element {
  const parts = text.split(/(?<=[_.])/);
  return (
    <>
      {parts.map((part, index) => (
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </>
  );
}
