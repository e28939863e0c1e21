// The contract between the editor panel (host) and its page (webview). State goes as whole snapshots.

import * as v from 'valibot';
import type { Activity } from '../core/activity.ts';
import type { DriftGrade } from '../core/drift.ts';
import type { HistoryEntry } from '../core/history.ts';
import type { BackendTraffic } from '../core/backendTraffic.ts';
import type { HostConnectivity } from '../core/connectivity.ts';
import type { ChangeWatch } from '../core/changeWatch.ts';
import type { BackendHost, CustomProperties, Instance } from '../core/instance.ts';
import { mostRenegotiations } from '../core/renegotiation.ts';
import type { RenegotiationProgress, RenegotiationRow, RenegotiationSummary } from '../core/renegotiation.ts';
import { draftChangesSchema } from '../core/tls/draft.ts';
import type { DraftChanges } from '../core/tls/draft.ts';
import type { Survey } from '../core/tls/evidence.ts';
import { trafficWindows } from '../core/traffic.ts';
import type { Traffic, TrafficDays } from '../core/traffic.ts';
import type { UnreadableBackend } from '../core/tls/plan.ts';
import type { StatePart } from './stateParts.ts';
import { validatorOf } from './validate.ts';

export interface RunningOperation {
  readonly id: string;
  readonly kind: 'change' | 'undo';
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Also true for a change that somebody else makes: then nothing but the provisioning state is known. */
  readonly foreign: boolean;
}

export interface TrafficView {
  /** The window that was chosen last. */
  readonly days: TrafficDays;
  readonly reading: boolean;
  /** Why it could not be read, in a sentence; or empty. */
  readonly problem: string;
  /** Null until the user has asked for it. */
  readonly found: Traffic | null;
}

export interface SelfHostedView {
  /** Null: not read. */
  readonly names: readonly string[] | null;
  /** Why they could not be read, in a sentence; or empty. */
  readonly problem: string;
}

/** What the logs say of backends; the numbers are with the backends themselves. */
export interface SeenView {
  readonly reading: boolean;
  /** Why they could not be read, in a sentence; or empty. */
  readonly problem: string;
  /** Null until the user has asked for it. cut: there are more hosts than were read. */
  readonly found: (Pick<BackendTraffic, 'state' | 'days' | 'readAt'> & { readonly cut: boolean }) | null;
}

/** The service's own check of a host. */
export interface ConnectivityView {
  readonly found: HostConnectivity | null;
  readonly running: boolean;
  /** Why the last one came to nothing, in a sentence; or empty. */
  readonly problem: string;
}

export interface RenegotiationView {
  /** The window that was chosen last. */
  readonly days: TrafficDays;
  /** Null: nothing is being read. */
  readonly progress: RenegotiationProgress | null;
  /** Why it could not be read, in a sentence; or empty. */
  readonly problem: string;
  /** Null until it was read for the first time. Its rows are asked for in parts, by the number of the list. */
  readonly found: (RenegotiationSummary & { readonly list: number }) | null;
}

/** What somebody else has changed since the instance was last seen or changed here. */
export interface DriftView {
  /** When it was last as it was before: ISO 8601, UTC. */
  readonly at: string;
  /** applied: by a change from here. */
  readonly source: 'seen' | 'applied';
  readonly before: CustomProperties;
  readonly foundAt: string;
  readonly grade: DriftGrade;
  /** The Activity Log is being asked. */
  readonly reading: boolean;
  /** Why it could not be asked, in a sentence; or empty. */
  readonly problem: string;
  readonly writers: Activity | null;
}

/** Everything the page shows that is not the user's draft. */
export interface EditorState {
  readonly instance: Instance;
  readonly subscriptionName: string;
  /** True for the sample estate: nothing here is a real service. */
  readonly sample: boolean;
  readonly operation: RunningOperation | null;
  /** Null until they have been read. */
  readonly backends: readonly BackendHost[] | null;
  /** Backends whose addresses lead to no host that can be told. */
  readonly unreadable: readonly UnreadableBackend[];
  /** Why the backends could not be read, or empty. */
  readonly backendsProblem: string;
  /** By `hostAndPort`. */
  readonly surveys: Readonly<Record<string, Survey>>;
  /** Surveys of the gateway's own host names, by `hostAndPort`. */
  readonly gatewaySurveys: Readonly<Record<string, Survey>>;
  readonly probing: { readonly what: 'backends' | 'gateway'; readonly done: number; readonly total: number } | null;
  readonly renegotiations: RenegotiationView;
  readonly traffic: TrafficView;
  readonly seen: SeenView;
  /** By `hostAndPort`. */
  readonly connectivity: Readonly<Record<string, ConnectivityView>>;
  readonly selfHosted: SelfHostedView;
  /** Null: nothing has changed elsewhere. */
  readonly drift: DriftView | null;
  readonly history: readonly HistoryEntry[];
  /** Lines of the history file that could not be read. */
  readonly historyUnreadable: number;
  /** What was seen since the last change whose end was seen; null: there was none. */
  readonly watch: ChangeWatch | null;
  readonly drafts: DraftsView;
  /** The newest failure in one sentence, or empty. */
  readonly problem: string;
  /** The outcome of the newest change in one sentence, or empty. */
  readonly notice: string;
}

/** Far more than Azure lets a map have. */
const map = v.pipe(
  v.record(v.pipe(v.string(), v.maxLength(2000)), v.pipe(v.string(), v.maxLength(100_000))),
  v.check((held) => Object.keys(held).length <= 5000),
);
const short = v.pipe(v.string(), v.maxLength(2000));

/** A draft with the map that it was made on, as page and panel keep it. */
export const keptDraftSchema = v.object({
  instanceId: short,
  base: v.object({ etag: v.nullable(short), map: v.nullable(map) }),
  changes: draftChangesSchema,
});
export type KeptDraft = v.InferOutput<typeof keptDraftSchema>;

/** A draft of the same instance that another window has written. */
export interface OtherDraft {
  readonly writer: string;
  /** When it was changed: ISO 8601, UTC. */
  readonly at: string;
  readonly draft: KeptDraft;
}

export interface DraftsView {
  /** When the draft that the page began with was changed, where that was in another window; else null. */
  readonly from: string | null;
  /** Newest first; those that the user has taken over or left are not among them. */
  readonly others: readonly OtherDraft[];
}

/** What the page asks the host for. */
export type ToHost = {
  /** The page is drawn and wants its first snapshot, and the draft that was kept for it. */
  ready: () => { readonly state: EditorState; readonly draft: KeptDraft | null; readonly writer: string };
  /** The page's draft has changed. VS Code writes a page's own state late; this is what survives a reload for sure. */
  keepDraft: (draft: KeptDraft) => void;
  /** What another window has drafted was taken over, or is left to it, as it was at that time. */
  settleDraft: (argument: { writer: string; at: string; taken: boolean }) => void;
  refresh: () => void;
  /** Reads the instance again, probes each backend host once with the planned offer, streams snapshots. */
  check: (argument: { changes: DraftChanges }) => void;
  cancel: () => void;
  probeGateway: () => void;
  /** fresh: also what was read some minutes ago. */
  readRenegotiations: (argument: { days: TrafficDays; fresh: boolean }) => void;
  cancelRenegotiations: () => void;
  /** `renegotiationsAtOnce` rows of a list, from one on; none where there is another list now. */
  renegotiationRows: (argument: { list: number; from: number }) => readonly RenegotiationRow[];
  /** Rows by their places in the list, in the order that they have on the page. False: the user chose no file. */
  exportRenegotiations: (argument: { list: number; rows: readonly number[]; to: 'file' | 'clipboard' }) => boolean;
  /** fresh: also where it was read some minutes ago. */
  readTraffic: (argument: { days: TrafficDays; fresh: boolean }) => void;
  /** The window of the next reading, which may be that of a check. */
  chooseTraffic: (argument: { days: TrafficDays }) => void;
  cancelTraffic: () => void;
  /** What changed elsewhere is remembered as it is. */
  acceptDrift: () => void;
  /** Back to the map before it as a whole. True where a change was started, false where the user said no. */
  goBackDrift: () => boolean;
  /** Saves the plan for a draft as a document. */
  savePlan: (argument: { changes: DraftChanges }) => void;
  copyPlan: (argument: { changes: DraftChanges }) => void;
  /** Reads and probes what readiness for TLS 1.3 goes by. */
  readReadiness: () => void;
  saveReadiness: () => void;
  copyReadiness: () => void;
  /** Asks the service whether the gateway reaches these hosts, by `hostAndPort`. */
  checkConnectivity: (argument: { hosts: readonly string[] }) => void;
  cancelConnectivity: () => void;
  /** Opens the diff editor on the current and the planned map. */
  compare: (argument: { changes: DraftChanges }) => void;
  /** Confirms modally and saves. True where a change was started, false where the user said no. */
  apply: (argument: { changes: DraftChanges }) => boolean;
  undo: (argument: { id: string }) => boolean;
  /** Looks at the hosts that have not shown the change yet, now. `id` of the change. */
  lookAgain: (argument: { id: string }) => void;
  stopWatching: (argument: { id: string }) => void;
  showSurvey: (argument: { host: string }) => void;
  /** The user has read the newest failure and outcome. */
  dismiss: () => void;
  openInPortal: () => void;
  showLog: () => void;
  copy: (argument: { text: string }) => void;
};

/** What the host tells the page. */
export type ToWebview = {
  /** A draft from elsewhere, such as a plan that was opened, in place of the page's own. */
  draft: (draft: KeptDraft) => void;
  state: (state: EditorState) => void;
  /** What is other than in the state before. */
  part: (part: StatePart) => void;
};

const changes = v.object({ changes: draftChangesSchema });
const nothing = v.optional(v.unknown());
const oneChange = v.object({ id: v.pipe(v.string(), v.maxLength(200)) });
const listNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
const place = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(mostRenegotiations));
/** Rows of the list of renegotiations in one answer: what is checked and drawn within one frame. */
export const renegotiationsAtOnce = 100;

/** Hosts that the service is asked about at one go. */
export const mostConnectivityChecks = 50;

/** The shape of every argument from the page; what does not fit is refused before a handler sees it. */
export const toHostSchemas = {
  ready: nothing,
  keepDraft: keptDraftSchema,
  settleDraft: v.object({ writer: short, at: short, taken: v.boolean() }),
  refresh: nothing,
  check: changes,
  cancel: nothing,
  probeGateway: nothing,
  readRenegotiations: v.object({ days: v.picklist(trafficWindows), fresh: v.boolean() }),
  cancelRenegotiations: nothing,
  renegotiationRows: v.object({ list: listNumber, from: place }),
  exportRenegotiations: v.object({
    list: listNumber,
    rows: v.pipe(v.array(place), v.maxLength(mostRenegotiations)),
    to: v.picklist(['file', 'clipboard']),
  }),
  readTraffic: v.object({ days: v.picklist(trafficWindows), fresh: v.boolean() }),
  chooseTraffic: v.object({ days: v.picklist(trafficWindows) }),
  cancelTraffic: nothing,
  checkConnectivity: v.object({
    hosts: v.pipe(v.array(v.pipe(v.string(), v.maxLength(300))), v.maxLength(mostConnectivityChecks)),
  }),
  cancelConnectivity: nothing,
  acceptDrift: nothing,
  goBackDrift: nothing,
  savePlan: changes,
  copyPlan: changes,
  readReadiness: nothing,
  saveReadiness: nothing,
  copyReadiness: nothing,
  compare: changes,
  apply: changes,
  undo: oneChange,
  lookAgain: oneChange,
  stopWatching: oneChange,
  showSurvey: v.object({ host: v.pipe(v.string(), v.maxLength(300)) }),
  dismiss: nothing,
  openInPortal: nothing,
  showLog: nothing,
  copy: v.object({ text: v.pipe(v.string(), v.maxLength(1_000_000)) }),
} satisfies Record<keyof ToHost, v.GenericSchema>;

/** The argument of a request from the page, validated. Throws a sentence that names the request. */
export const validateToHost = validatorOf(toHostSchemas);
