// Small drawings, 16 by 16, in the colour of the text around them. Never the only carrier of a meaning.

import type { JSX } from 'preact';

const shapes = {
  lock: 'M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3.5 7h9v6.5h-9zM8 9.5v2',
  unlock: 'M4.5 7V5a3.5 3.5 0 0 1 6.6-1.6M3.5 7h9v6.5h-9zM8 9.5v2',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  cross: 'M4 4l8 8M12 4l-8 8',
  error: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6',
  warning: 'M8 2.2l6.3 11.3H1.7zM8 6.4v3.4M8 11.3v.9',
  info: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.2v4M8 4.7v.9',
  question:
    'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM6.2 6.4a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.7-.8 1.3M8 10.9v.9',
  pass: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM5.2 8.3l2 2 3.6-4.2',
  change: 'M2.5 13.5l.8-3.2 7.6-7.6 2.4 2.4-7.6 7.6zM9.4 4.2l2.4 2.4',
  clock: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 4.4V8l2.4 1.8',
  undo: 'M3 3.2v3.6h3.6M3.2 6.6A5.2 5.2 0 1 1 3 9.6',
  minus: 'M4 8h8',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({
  name,
  tone,
}: {
  readonly name: IconName;
  readonly tone?: 'error' | 'warning' | 'info' | 'good' | 'muted';
}): JSX.Element {
  return (
    <svg class={`icon${tone ? ` tone-${tone}` : ''}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
