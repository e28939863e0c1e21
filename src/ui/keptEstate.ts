// The last reading of the estate as a file, per cloud and account, so that the next window has rows at once.
// No secret is written: ids, names, settings.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ExtensionContext } from 'vscode';
import * as v from 'valibot';
import type { EstateReading } from '../azure/access.ts';
import type { CustomProperties, Instance } from '../core/instance.ts';
import type { Connection } from './connection.ts';
import type { ReadingProgress } from './estate.ts';

/** Another number whenever an older file would be read wrongly. */
const format = 1;

const text = v.string();
const subscription = v.object({ id: text, name: text, tenantId: text });

/** The fields of an instance as they are kept: those from Azure. A file with others is of another version. */
const instanceFields: Readonly<Record<Exclude<keyof Instance, 'unlocked'>, true>> = {
  id: true,
  name: true,
  resourceGroup: true,
  subscriptionId: true,
  tenantId: true,
  location: true,
  otherRegions: true,
  regionalHosts: true,
  tier: true,
  units: true,
  provisioningState: true,
  createdAt: true,
  platformVersion: true,
  etag: true,
  customProperties: true,
  gatewayUrl: true,
  hosts: true,
  enableClientCertificate: true,
  readAt: true,
};
const shape = Object.keys(instanceFields).join();

/** `customProperties`: the place of the map in `maps`. Instances of one estate have few different maps. */
type KeptInstance = Omit<Instance, 'customProperties' | 'unlocked'> & { readonly customProperties: number | null };

const keptSchema = v.object({
  format: v.literal(format),
  shape: v.literal(shape),
  /** Whose estate it is: the name of the file is made of it. */
  owner: text,
  takenAt: text,
  maps: v.array(v.record(text, text)),
  // To look at each of ten thousand would take longer than everything else: the checksum and the shape stand for them.
  instances: v.custom<readonly KeptInstance[]>(Array.isArray),
  subscriptions: v.array(subscription),
  gateways: v.custom<EstateReading['gateways']>(Array.isArray),
  failures: v.array(
    v.object({ scope: v.picklist(['subscription', 'tenant']), id: text, name: text, code: text, message: text }),
  ),
  notAsked: v.array(subscription),
});
type Kept = v.InferOutput<typeof keptSchema>;

export interface KeptEstate {
  readonly reading: EstateReading;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
}

/** A cloud, the accounts in it and what of it is read, as one text. */
export function ownerOf({ cloud, azure, chosen }: Pick<Connection, 'cloud' | 'azure' | 'chosen'>): string {
  return [cloud.arm, cloud.authority, azure.accountLabel, JSON.stringify(chosen)].join('\n');
}

function fileOf(folder: string, owner: string): string {
  return path.join(folder, `${createHash('sha256').update(owner).digest('hex').slice(0, 32)}.json.gz`);
}

/** Null where nothing was kept, or where it is damaged or of another version. */
export async function readKept(folder: string, owner: string): Promise<KeptEstate | null> {
  try {
    // gzip (RFC 1952) has a checksum: a file that was cut off or changed does not unpack.
    const unpacked = await promisify(gunzip)(await readFile(fileOf(folder, owner)));
    const parsed = v.safeParse(keptSchema, JSON.parse(unpacked.toString('utf8')));
    if (!parsed.success || parsed.output.owner !== owner) return null;
    return { reading: readingOf(parsed.output), takenAt: parsed.output.takenAt };
  } catch {
    return null;
  }
}

function readingOf({ maps, instances, subscriptions, gateways, failures, notAsked }: Kept): EstateReading {
  const mapAt = (place: number | null): CustomProperties | null => (place === null ? null : (maps[place] ?? null));
  return {
    instances: instances.map((one) => ({ ...one, customProperties: mapAt(one.customProperties) })),
    subscriptions,
    gateways,
    failures,
    notAsked,
  };
}

/** Never half-written: the new file takes the place of the old in one step. */
export async function keep(folder: string, owner: string, { reading, takenAt }: KeptEstate): Promise<void> {
  const places = new Map<CustomProperties, number>();
  const placeOf = (map: CustomProperties | null) => {
    if (map === null) return null;
    if (!places.has(map)) places.set(map, places.size);
    return places.get(map) ?? null;
  };
  const { subscriptions, gateways, failures, notAsked } = reading;
  const instances = reading.instances.map(({ unlocked: _fromSettings, ...one }) => ({
    ...one,
    customProperties: placeOf(one.customProperties),
  }));
  const kept = {
    format,
    shape,
    owner,
    takenAt,
    maps: [...places.keys()],
    instances,
    subscriptions,
    gateways,
    failures,
    notAsked,
  };
  const packed = await promisify(gzip)(JSON.stringify(kept));
  const file = fileOf(folder, owner);
  await mkdir(folder, { recursive: true });
  const fresh = `${file}.${randomUUID()}.new`;
  await writeFile(fresh, packed, { flush: true });
  await rename(fresh, file);
}

/** Reads the estate, first of all from the file where there is one, and writes the file anew at the end. */
export async function readAndKeep(
  { globalStorageUri }: ExtensionContext,
  connection: Connection,
  progress: ReadingProgress,
): Promise<EstateReading> {
  const { azure, sample } = connection;
  if (sample) return azure.readEstate({ onPage: progress.page });
  const folder = path.join(globalStorageUri.fsPath, 'azure', 'estate');
  const owner = ownerOf(connection);
  const fromAzure = azure.readEstate({ onPage: progress.page });
  // Both at once: the file is there first, unless Azure is very quick.
  const file = readKept(folder, owner);
  const tooLate = () => null;
  const kept = await Promise.race([file, fromAzure.then(tooLate, () => file)]);
  if (kept) progress.kept(kept.reading, kept.takenAt);
  const reading = await fromAzure;
  // Whoever cannot write has the rows all the same.
  void keep(folder, owner, { reading, takenAt: new Date().toISOString() }).catch(() => undefined);
  return reading;
}
